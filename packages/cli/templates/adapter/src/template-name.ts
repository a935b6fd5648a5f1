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
  /** Samples of the series there may be; the first is what is made where nothing else decides. @default [32, 64, 128] */
  readonly lengths?: readonly number[];
  /** The largest value of the data, which becomes 1 in the latent. @default 1 */
  readonly scale?: number;
}

/** Creates the adapter. It throws `sequence.invalid` for lengths that do not fit, and for values that are no series. */
export function createTemplateNameAdapter(options: TemplateNameOptions = {}): ContinuousAdapter<TemplateName> {
  const { channels = 1, patch = 4, lengths = [32, 64, 128], scale = 1 } = options;
  // Latents of one shape are computed together, by functions compiled for it: these are all the shapes there will be.
  const latentShapes = lengths.map((length) => [length, channels]);
  const known = `a length of ${lengths.join(' or ')} and ${channels} channels`;

  /** How many tokens a latent `[length, channels]` becomes. */
  const tokenGrid = (latentShape: readonly number[]): readonly [number] => {
    const [own = 0, depth] = latentShape;
    const fits = latentShape.length === 2 && depth === channels && lengths.includes(own) && own % patch === 0;
    if (fits) return [own / patch];
    throw invalid(`a latent [${latentShape.join(', ')}]`, `${known}, the length a multiple of ${patch}`);
  };
  for (const shape of latentShapes) tokenGrid(shape); // settings that contradict each other are told here
  const [first] = latentShapes;
  if (first === undefined) throw invalid('no lengths', 'at least one');

  return {
    kind: 'continuous',
    modality: 'template-name', // what segments of it are called
    defaultLatentShape: first,
    latentShapes,
    latentShape({ samples = 0, ...others }) {
      // Asked for with { want: 'template-name', size: { samples: 64 } }.
      if (lengths.includes(samples) && Object.keys(others).length === 0) return [samples, channels];
      throw invalid(`${samples} samples`, `samples: ${lengths.join(' or ')}`, 'generation.invalid-option');
    },
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
    ...createPatches({ patch, channels, maximumTokens: Math.max(...lengths) / patch }),
  };
}

function invalid(
  found: string,
  expected: string,
  code: 'sequence.invalid' | 'generation.invalid-option' = 'sequence.invalid',
): TransfuseError {
  return new TransfuseError({
    code,
    place: 'template-name segment',
    found,
    expected,
    mend: 'Resample or pad the series, or change the settings of the adapter.',
  });
}
