/**
 * A modality of time series. An adapter has two halves. The codec (`encode`, `decode`) is frozen and may be any code: it
 * leads from a value to a latent, an array of moderate numbers on a grid, and back. The trainable half (`embed`,
 * `predict`, in patches.ts) is pure functions of named tensors. Replace both by what your modality needs.
 */
import { type ContinuousAdapter, TransfuseError } from '@transfuse/core/contracts';
import { createPatches } from './patches.ts';

/** A value of the modality, as segments carry it: samples in order, the channels of each side by side. */
export interface TemplateName {
  readonly channels: number;
  /** `length * channels` numbers. */
  readonly values: Float32Array;
}

/** Settings of {@link createTemplateNameAdapter}. */
export interface TemplateNameOptions {
  /** Numbers per sample. @default 1 */
  readonly channels?: number;
  /** Samples per token; it divides every length. @default 4 */
  readonly patch?: number;
  /** Samples of a series that is made anew. @default 32 */
  readonly length?: number;
  /** Samples of the longest series. @default 256 */
  readonly maximumLength?: number;
  /** The largest value of the data, which becomes 1 in the latent. @default 1 */
  readonly scale?: number;
}

/** Creates the adapter. It throws `sequence.invalid` for lengths that do not fit, and for values that are no series. */
export function createTemplateNameAdapter(options: TemplateNameOptions = {}): ContinuousAdapter<TemplateName> {
  const { channels = 1, patch = 4, length = 32, maximumLength = 256, scale = 1 } = options;

  /** How many tokens a latent `[length, channels]` becomes. */
  const tokenGrid = (latentShape: readonly number[]): readonly [number] => {
    const [own = 0, depth] = latentShape;
    const fits = latentShape.length === 2 && depth === channels && own > 0 && own % patch === 0 && own <= maximumLength;
    if (fits) return [own / patch];
    const expected = `[length, ${channels}], the length a multiple of ${patch} and at most ${maximumLength}`;
    throw invalid(`a latent [${latentShape.join(', ')}]`, expected);
  };
  tokenGrid([length, channels]); // settings that contradict each other are told here, not in the middle of training

  return {
    kind: 'continuous',
    modality: 'template-name', // what segments of it are called
    defaultLatentShape: [length, channels],
    async encode(raw) {
      // The only border: whatever an application hands in is checked here, and everything behind may rely on it.
      if (typeof raw !== 'object' || raw === null || !(raw.values instanceof Float32Array)) {
        throw invalid(String(raw), 'a series { channels, values: Float32Array }');
      }
      const shape = [raw.values.length / raw.channels, raw.channels];
      tokenGrid(shape);
      return { data: raw.values.map((x) => x / scale), shape }; // about [-1, 1]: the noise has variance 1
    },
    async decode({ data, shape }) {
      const values = data.map((x) => scale * Math.min(1, Math.max(-1, x))); // an untrained model knows no bounds
      return { channels: shape.at(-1) ?? channels, values };
    },
    tokenGrid,
    ...createPatches({ patch, channels, maximumTokens: Math.ceil(maximumLength / patch) }),
  };
}

function invalid(found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'sequence.invalid',
    place: 'template-name segment',
    found,
    expected,
    mend: 'Resample or pad the series, or change the settings of the adapter.',
  });
}
