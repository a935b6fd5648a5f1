/**
 * The frozen half of a sound adapter: from samples to the latent that a model denoises, and back. The samples themselves
 * and log-mel spectra are the two implementations.
 */
import type { Latent, RawAudio } from '@transfuse/core/contracts';

/** Between sounds of one sample rate and number of channels and their latents `[frames, latentChannels]`. */
export interface SoundCodec {
  /** Samples of the sound per frame of the latent. */
  readonly samplesPerFrame: number;
  readonly latentChannels: number;
  /** A sound of the codec's rate and channels, a whole number of frames long, as its latent. */
  encode(sound: RawAudio): Latent;
  /** Of any number of frames; what is out of range is clamped. */
  decode(latent: Latent): RawAudio;
}

/** What every codec is told of the sounds. */
export interface SoundFormat {
  readonly sampleRate: number;
  readonly channels: number;
}
