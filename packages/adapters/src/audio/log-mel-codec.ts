/*
 * The codec of models that work on log-mel spectra: magnitudes of a short-time Fourier transform in mel bands, in
 * decibels below a full-scale sine, by a fixed straight line from `floor` and `ceiling` to -1 and 1. The way back leads
 * over non-negative least squares to magnitudes and over Griffin-Lim to phases, which the latent does not hold.
 */
import { type Latent, TransfuseError } from '@transfuse/core/contracts';
import { griffinLim } from './griffin-lim.ts';
import { createMelFilterBank, type MelSettings } from './mel-filter-bank.ts';
import { createShortTimeFourier, type FrameSettings, magnitudesOf } from './short-time-fourier.ts';
import type { SoundCodec, SoundFormat } from './sound-codec.ts';

/** Settings of the codec. */
export interface LogMelSettings extends FrameSettings, Pick<MelSettings, 'mels' | 'scale'> {
  /** Hertz at which the first band begins. Default 0. */
  readonly lowestFrequency?: number;
  /** Hertz at which the last band ends. Default half the sample rate. */
  readonly highestFrequency?: number;
  /** Decibels that become -1; whatever is quieter becomes -1 as well. */
  readonly floor: number;
  /** Decibels that become 1; what is louder lies above. */
  readonly ceiling: number;
  /** Iterations of Griffin-Lim. */
  readonly iterations: number;
}

/** Latents above this are clamped before they are turned into loudness. */
const loudest = 1.5;

/**
 * The codec whose latent is `[frames, mels]`, one frame every `hop` samples, frame t around sample t * hop; of several
 * channels `[frames, channels * mels]`, the first channel's bands before the second's.
 *
 * @throws `config.invalid` for lengths, bands or decibels that do not fit each other
 */
export function createLogMelCodec({ sampleRate, channels: count }: SoundFormat, settings: LogMelSettings): SoundCodec {
  const { hop, mels, floor, ceiling, iterations } = settings;
  if (!(floor < ceiling)) throw reversed(floor, ceiling);
  const fourier = createShortTimeFourier(settings);
  const bank = createMelFilterBank({ ...settings, sampleRate, fftSize: fourier.fftSize });
  const fullScale = fourier.windowSum / 2;
  const latentChannels = count * mels;

  const levelOf = (magnitude: number) => {
    const decibels = Math.max(floor, 20 * Math.log10(magnitude / fullScale + 1e-30));
    return ((decibels - floor) / (ceiling - floor)) * 2 - 1;
  };
  const magnitudeOf = (level: number) => {
    const clamped = Math.max(-1, Math.min(loudest, level));
    return clamped === -1 ? 0 : fullScale * 10 ** ((floor + ((clamped + 1) / 2) * (ceiling - floor)) / 20);
  };
  /** The samples of one channel; a last frame is repeated at the end, so that windows reach every sample. */
  const wave = ({ data, shape }: Latent, channel: number): Float32Array => {
    const [frames = 0] = shape;
    const bands = Float64Array.from({ length: (frames + 1) * mels }, (_, index) => {
      const frame = Math.min(frames - 1, Math.floor(index / mels));
      return magnitudeOf(data[frame * latentChannels + channel * mels + (index % mels)]!);
    });
    const samples = griffinLim(bank.inverse(bands), fourier, { length: frames * hop, iterations });
    return Float32Array.from(samples, (sample) => Math.max(-1, Math.min(1, sample)));
  };

  return {
    samplesPerFrame: hop,
    latentChannels,
    encode({ channels }) {
      const frames = channels[0]!.length / hop;
      const data = new Float32Array(frames * latentChannels);
      for (const [channel, samples] of channels.entries()) {
        const bands = bank.forward(magnitudesOf(fourier.forward(samples, { frames })));
        for (const [index, magnitude] of bands.entries()) {
          const frame = Math.floor(index / mels);
          data[frame * latentChannels + channel * mels + (index % mels)] = levelOf(magnitude);
        }
      }
      return { shape: [frames, latentChannels], data };
    },
    decode: (latent) => ({
      sampleRate,
      channels: Array.from({ length: count }, (_, channel) => wave(latent, channel)),
    }),
  };
}

function reversed(floor: number, ceiling: number): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: 'floor, ceiling',
    found: `${floor} dB, ${ceiling} dB`,
    expected: 'a floor below the ceiling',
    mend: 'Leave both out for -80 and -10.',
  });
}
