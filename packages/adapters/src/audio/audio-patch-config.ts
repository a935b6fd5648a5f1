/*
 * The settings of the adapter `audio-patch`: what may be written, what each field means, and what holds where it is left
 * out. The schema, which a host shows and checks, and the filling in for those who create the adapter without a host
 * read the same table of defaults.
 */
import type { JsonSchema } from '@transfuse/core/contracts';
import type { LogMelSettings } from './log-mel-codec.ts';

/** Samples as the latent, `[samples, channels]`. */
export interface WaveformRepresentation {
  readonly kind: 'waveform';
  /** Samples per token. Default 128. */
  readonly patchSize?: number;
  /** What samples are multiplied by. Default 8. */
  readonly gain?: number;
}

/** Log-mel spectra as the latent, `[frames, channels * mels]`. */
export interface LogMelRepresentation extends Partial<LogMelSettings> {
  readonly kind: 'log-mel';
  /** Frames per token. Default 2. */
  readonly patchSize?: number;
}

/** Settings of the adapter `audio-patch`; whatever is left out takes its default. */
export interface AudioPatchConfig {
  /** Samples per second that the model hears and makes; other sounds are resampled. Default 16000. */
  readonly sampleRate?: number;
  /** 1 or 2; other sounds are mixed. Default 1. */
  readonly channels?: 1 | 2;
  /** What the latent is. Default `{ kind: 'log-mel' }`. */
  readonly representation?: WaveformRepresentation | LogMelRepresentation;
  /** Seconds; several are lengths to choose from. Default 1. */
  readonly durations?: number | readonly number[];
  /** Whether learned vectors say where in the sound a token is. Default `learned`. */
  readonly positions?: 'learned' | 'none';
}

const shared = { sampleRate: 16_000, channels: 1, durations: 1, positions: 'learned' } as const;
const waveform = { kind: 'waveform', patchSize: 128, gain: 8 } as const;
const logMel = {
  kind: 'log-mel',
  patchSize: 2,
  windowLength: 512,
  hop: 128,
  mels: 64,
  scale: 'slaney',
  lowestFrequency: 0,
  floor: -80,
  ceiling: -10,
  iterations: 60,
} as const;

/** Settings with every default filled in; `fftSize` and `highestFrequency` follow from others where they are missing. */
export interface AudioPatchSettings extends Required<Omit<AudioPatchConfig, 'representation'>> {
  readonly representation:
    | Required<WaveformRepresentation>
    | (LogMelSettings & { readonly kind: 'log-mel'; readonly patchSize: number });
}

/** Fills in what is left out. */
export function completeAudioPatchConfig(config: AudioPatchConfig): AudioPatchSettings {
  const { representation = { kind: 'log-mel' }, ...given } = config;
  return {
    ...shared,
    ...given,
    representation:
      representation.kind === 'waveform' ? { ...waveform, ...representation } : { ...logMel, ...representation },
  };
}

const count = (fallback: number, description: string) => ({
  type: 'integer',
  minimum: 1,
  default: fallback,
  description,
});

/** The schema of {@link AudioPatchConfig}. */
export const audioPatchSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    sampleRate: {
      type: 'integer',
      minimum: 1,
      maximum: 384_000,
      default: shared.sampleRate,
      description: 'Samples per second that the model hears and makes; other sounds are resampled.',
    },
    channels: {
      type: 'integer',
      enum: [1, 2],
      default: shared.channels,
      description: 'Channels of the sounds; others are mixed to one, or one is doubled.',
    },
    representation: {
      type: 'object',
      default: { kind: logMel.kind },
      description:
        'What the model denoises: `log-mel` spectra (short, phases are made up), or the `waveform` (long, exact), with settings of their own.',
      discriminator: { propertyName: 'kind' },
      required: ['kind'],
      oneOf: [
        {
          type: 'object',
          additionalProperties: false,
          required: ['kind'],
          properties: {
            kind: { const: 'waveform', description: 'Samples as they are.' },
            patchSize: count(waveform.patchSize, 'Samples per token.'),
            gain: {
              type: 'number',
              exclusiveMinimum: 0,
              default: waveform.gain,
              description:
                'What samples are multiplied by, so that they come near unit variance; a power of two loses nothing.',
            },
          },
        },
        {
          type: 'object',
          additionalProperties: false,
          required: ['kind'],
          properties: {
            kind: { const: 'log-mel', description: 'Loudness in mel bands.' },
            patchSize: count(logMel.patchSize, 'Frames per token.'),
            windowLength: { ...count(logMel.windowLength, 'Samples under the Hann window of a frame.'), minimum: 4 },
            hop: count(logMel.hop, 'Samples from one frame to the next; at most half a window, a quarter sounds best.'),
            fftSize: {
              type: 'integer',
              minimum: 4,
              description:
                'Size of the Fourier transform, a power of two. Default: the smallest that holds the window.',
            },
            mels: count(logMel.mels, 'Mel bands per channel.'),
            scale: {
              enum: ['slaney', 'htk'],
              default: logMel.scale,
              description: 'The mel scale: Slaney’s, as librosa has it, or that of the Hidden Markov Model Toolkit.',
            },
            lowestFrequency: {
              type: 'number',
              minimum: 0,
              default: logMel.lowestFrequency,
              description: 'Hertz at which the first band begins.',
            },
            highestFrequency: {
              type: 'number',
              exclusiveMinimum: 0,
              description: 'Hertz at which the last band ends. Default: half the sample rate.',
            },
            floor: {
              type: 'number',
              default: logMel.floor,
              description: 'Decibels below a full-scale sine that become -1; what is quieter is silence.',
            },
            ceiling: { type: 'number', default: logMel.ceiling, description: 'Decibels that become 1.' },
            iterations: {
              type: 'integer',
              minimum: 0,
              default: logMel.iterations,
              description: 'Iterations of Griffin-Lim, which finds the phases when a sound is made.',
            },
          },
        },
      ],
    },
    durations: {
      default: shared.durations,
      description:
        'Seconds that a sound lasts, up to whole tokens. Of several, a sound goes to the shortest that holds it; silence fills up, longer sounds are cut.',
      anyOf: [
        { type: 'number', exclusiveMinimum: 0 },
        { type: 'array', items: { type: 'number', exclusiveMinimum: 0 }, minItems: 1, uniqueItems: true },
      ],
    },
    positions: {
      enum: ['learned', 'none'],
      default: shared.positions,
      description: 'Whether learned vectors say where in the sound a token is.',
    },
  },
};
