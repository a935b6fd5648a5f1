// Ready-made transformer sizes and the rules that complete a model section. The `paper-…` sizes are the five of Zhou
// et al. 2024 (arXiv 2408.11039, table of model sizes) with their sequence length of 4,096; `nano`, `tiny` and `small`
// are ours, for laptops. The feed-forward width follows Llama: 8/3 of the width, here rounded up to a multiple of 32.
import { TransfuseError } from '../errors/index.ts';
import type { CheckedModel } from './config-schema.ts';
import type { ModelPresetName, ResolvedModelConfig } from './config-types.ts';

/** What a preset decides. */
export interface ModelPreset {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly sequenceLength: number;
}

/** The presets by name. */
export const modelPresets: Readonly<Record<ModelPresetName, ModelPreset>> = {
  'paper-0.16b': { width: 768, depth: 16, heads: 12, sequenceLength: 4096 },
  'paper-0.37b': { width: 1024, depth: 24, heads: 16, sequenceLength: 4096 },
  'paper-0.76b': { width: 1536, depth: 24, heads: 24, sequenceLength: 4096 },
  'paper-1.4b': { width: 2048, depth: 24, heads: 16, sequenceLength: 4096 },
  'paper-7b': { width: 4096, depth: 32, heads: 32, sequenceLength: 4096 },
  nano: { width: 64, depth: 2, heads: 2, sequenceLength: 1024 },
  tiny: { width: 128, depth: 4, heads: 4, sequenceLength: 1024 },
  small: { width: 256, depth: 6, heads: 4, sequenceLength: 1024 },
};

/** The names of {@link modelPresets}. */
export const modelPresetNames = Object.keys(modelPresets) as readonly ModelPresetName[];

/** Features of the feed-forward layer where none are given: 8/3 of the width, rounded up to a multiple of 32. */
export function defaultFeedForwardWidth(width: number): number {
  return Math.ceil((width * 8) / 3 / 32) * 32;
}

/**
 * Applies the preset, fills in what follows from other fields, and checks that the fields fit each other.
 *
 * @throws TransfuseError `config.invalid` at `model.width`, `model.depth`, `model.heads` or `model.keyValueHeads`
 */
export function resolveModel({ preset: presetName, ...model }: CheckedModel): ResolvedModelConfig {
  const preset = presetName === undefined ? undefined : modelPresets[presetName];
  const width = model.width ?? preset?.width ?? missing('width');
  const depth = model.depth ?? preset?.depth ?? missing('depth');
  const heads = model.heads ?? preset?.heads ?? missing('heads');
  const keyValueHeads = model.keyValueHeads ?? heads;
  if (width % heads !== 0) {
    throw invalid('heads', String(heads), `a divisor of the width, ${width}`, 'Change the heads or the width.');
  }
  if ((width / heads) % 2 !== 0) {
    const found = `${heads}, which makes heads of ${width / heads} features`;
    throw invalid('heads', found, 'heads of an even number of features', 'Change the heads or the width.');
  }
  if (heads % keyValueHeads !== 0) {
    const expected = `a divisor of the number of heads, ${heads}`;
    throw invalid('keyValueHeads', String(keyValueHeads), expected, `Write ${heads}, or a divisor of it.`);
  }
  return {
    ...model,
    width,
    depth,
    heads,
    keyValueHeads,
    feedForwardWidth: model.feedForwardWidth ?? defaultFeedForwardWidth(width),
    sequenceLength: model.sequenceLength ?? preset?.sequenceLength ?? 1024,
  };
}

function missing(field: string): never {
  const mend = `Add the field, or choose a preset (\`model.preset\`): ${modelPresetNames.join(', ')}.`;
  throw invalid(field, 'nothing', 'a positive integer', mend);
}

function invalid(field: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: `model.${field}`, found, expected, mend });
}
