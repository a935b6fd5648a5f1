/**
 * The adapter `audio-patch`: a sound is brought to one rate and one of a few lengths, encoded by a codec that does not
 * learn, either to its own samples or to log-mel spectra, and the latent is cut along time into patches, one token each,
 * through the paper's linear layers (Zhou et al. 2024, section 3, with one axis in place of two).
 */
import { type ContinuousAdapter, type RawAudio, TransfuseError } from '@transfuse/core/contracts';
import { createGridPatch } from '../patch/grid-patch.ts';
import { AudioClip } from './audio-clip.ts';
import { type AudioPatchConfig, type AudioPatchSettings, completeAudioPatchConfig } from './audio-patch-config.ts';
import { createClipLengths, withLength } from './clip-lengths.ts';
import { createLogMelCodec } from './log-mel-codec.ts';
import type { SoundCodec } from './sound-codec.ts';
import { createWaveformCodec } from './waveform-codec.ts';

/** What an audio segment may hold: a sound in memory, or a file to read. */
export type AudioSource = RawAudio | string | Uint8Array;

/**
 * Creates the adapter `audio-patch`. Latents are `[frames, channels]` (waveform: a frame is a sample) or `[frames,
 * channels * mels]`, of as many frames as each duration fills; the longest duration is the default shape. Decoded values
 * are {@link AudioClip}s.
 *
 * @throws `config.invalid` for settings that do not fit each other
 *
 * @example
 * ```ts
 * import { AudioClip, patchAudio } from '@transfuse/adapters/audio';
 * const adapter = patchAudio({ sampleRate: 8000, durations: [0.5, 1], representation: { kind: 'waveform', patchSize: 100 } });
 * const clip = AudioClip.from({ sampleRate: 16000, channels: [new Float32Array(6400).fill(0.1)] });
 * const latent = await adapter.encode(clip); // 0.4 s at 8 kHz, and silence up to 0.5 s
 * console.assert(latent.shape.join() === '4000,1' && adapter.tokenGrid(latent.shape).join() === '40');
 * ```
 */
export function patchAudio(config: AudioPatchConfig = {}): ContinuousAdapter {
  const settings = completeAudioPatchConfig(config);
  const { sampleRate, channels, durations, positions } = settings;
  const { patchSize } = settings.representation;
  const codec = codecOf(settings);
  const { samplesPerFrame, latentChannels } = codec;
  const lengths = createClipLengths({ sampleRate, samplesPerFrame, patchSize, durations });
  const longest = lengths.frames.at(-1)!;
  const patch = createGridPatch({
    patch: [patchSize],
    channels: latentChannels,
    axes: ['frames'],
    maximumGrid: [longest / patchSize],
    positions,
  });
  return {
    kind: 'continuous',
    modality: 'audio',
    defaultLatentShape: [longest, latentChannels],
    latentShapes: lengths.frames.map((frames) => [frames, latentChannels]),
    latentShape: (size) => [lengths.nearest(secondsOf(size)), latentChannels],
    async encode(raw, options) {
      const source = await toClip(raw as AudioSource);
      options?.signal?.throwIfAborted();
      const clip = source.toChannels(channels).resample(sampleRate);
      return codec.encode(withLength(clip, lengths.holding(clip.length) * samplesPerFrame));
    },
    decode: async (latent) => AudioClip.from(codec.decode(latent)),
    tokenGrid: patch.tokenGrid,
    parameters: patch.parameters,
    embed: patch.embed,
    predict: (params, hidden, _time, _skips, latentShape) => patch.predict(params, hidden, latentShape),
  };
}

function codecOf({ sampleRate, channels, representation }: AudioPatchSettings): SoundCodec {
  const format = { sampleRate, channels };
  if (representation.kind === 'waveform') return createWaveformCodec(format, representation);
  return createLogMelCodec(format, representation);
}

function secondsOf(size: Readonly<Record<string, number>>): number {
  const { seconds, ...others } = size;
  const [stranger] = Object.keys(others);
  if (stranger === undefined && seconds !== undefined && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place: 'size of audio',
    found: JSON.stringify(size),
    expected: 'the duration alone, as { seconds } above 0',
    mend: 'Write, for example, { seconds: 1 }.',
  });
}

async function toClip(source: AudioSource): Promise<AudioClip> {
  if (source instanceof AudioClip) return source;
  if (typeof source === 'string' || source instanceof Uint8Array) return AudioClip.read(source);
  if (typeof source === 'object' && source !== null && 'channels' in source) return AudioClip.from(source);
  throw new TransfuseError({
    code: 'audio.undecodable',
    place: 'audio segment',
    found: String(source),
    expected: 'a sound { sampleRate, channels }, a path, or the bytes of a sound file',
    mend: 'Pass what the audio adapter can read.',
  });
}
