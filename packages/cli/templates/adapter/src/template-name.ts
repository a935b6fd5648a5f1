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

/**
 * Creates the adapter. Throws `config.invalid` for settings that contradict each other; the adapter then throws
 * `sequence.invalid` for values that are no series, `generation.invalid-option` for sizes it does not have.
 */
export function createTemplateNameAdapter(options: TemplateNameOptions = {}): ContinuousAdapter<TemplateName> {
  const { channels = 1, patch = 4, lengths = [32, 64, 128], scale = 1 } = options;
  // Settings that contradict each other are told here, before anything is made of them.
  const uneven = lengths.find((length) => length % patch !== 0);
  if (uneven !== undefined) throw problem('settings', `a length of ${uneven}`, `multiples of the patch, ${patch}`);
  // Latents of one shape are computed together, by functions compiled for it: these are all the shapes there will be.
  // Each has a grid of tokens of its own.
  const latentShapes = lengths.map((length) => [length, channels]);
  const [first] = latentShapes;
  if (first === undefined) throw problem('settings', 'no lengths', 'at least one');
  const known = lengths.join(' or ');

  return {
    kind: 'continuous',
    modality: 'template-name', // what segments of it are called
    defaultLatentShape: first,
    latentShapes,
    latentShape(size) {
      // Asked for with { want: 'template-name', size: { samples: 64 } }; a misspelt word must not pass unseen.
      const { samples = 0 } = size;
      if (Object.keys(size).join() === 'samples' && lengths.includes(samples)) return [samples, channels];
      throw problem('size', JSON.stringify(size), `{ samples: ${known} }`);
    },
    async encode(raw) {
      // The only border: whatever an application hands in is checked here, and everything behind may rely on it.
      if (!(raw?.values instanceof Float32Array)) {
        throw problem('value', inShort(raw), '{ channels, values: Float32Array }');
      }
      const length = raw.values.length / channels;
      if (raw.channels !== channels || !lengths.includes(length)) {
        const found = `${raw.values.length} numbers in ${raw.channels} channels`;
        throw problem('value', found, `${known} samples of ${channels} channels`);
      }
      return { data: raw.values.map((x) => x / scale), shape: [length, channels] }; // about [-1, 1]: noise has variance 1
    },
    async decode({ data }) {
      const values = data.map((x) => scale * Math.min(1, Math.max(-1, x))); // an untrained model knows no bounds
      return { channels, values };
    },
    /** How many tokens a latent `[length, channels]` becomes. */
    tokenGrid(latentShape) {
      const [length = 0, depth] = latentShape;
      if (latentShape.length === 2 && depth === channels && lengths.includes(length)) return [length / patch];
      throw problem('latent', `[${latentShape.join(', ')}]`, `[${known}, ${channels}]`);
    },
    ...createPatches({ patch, channels, maximumTokens: Math.max(...lengths) / patch }),
  };
}

/** What can go wrong: each kind has a code that programs may switch on, a place, and a way to mend it. */
const problems = {
  settings: { code: 'config.invalid', mend: 'Correct `lengths` or `patch` in the settings of the adapter.' },
  value: { code: 'sequence.invalid', mend: 'Resample or pad the series, or add its length to `lengths`.' },
  latent: { code: 'latent.unsupported-shape', mend: 'Pass a latent that `encode` made.' },
  size: { code: 'generation.invalid-option', mend: 'Ask for a length that the model was made with.' },
} as const;

function problem(kind: keyof typeof problems, found: string, expected: string): TransfuseError {
  return new TransfuseError({ ...problems[kind], place: `template-name ${kind}`, found, expected });
}

/** A value in a few words, since a whole array would drown the sentence. */
function inShort(value: unknown): string {
  const type = Object.prototype.toString.call(value).slice(8, -1); // Undefined, String, Array, Object
  return type === 'Object' ? `an object with ${Object.keys(value as object).join(', ')}` : `a value of type ${type}`;
}
