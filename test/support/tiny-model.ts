/** Transformers small enough to be compared number by number. */
import type { TransformerConfig } from '../../packages/core/src/model/transformer-config.ts';

/** Width 16, two layers, four heads in two groups, normalized queries and keys; anything may be changed. */
export function tinyTransformer(changes: Partial<TransformerConfig> = {}): TransformerConfig {
  return {
    width: 16,
    depth: 2,
    heads: 4,
    keyValueHeads: 2,
    feedForwardWidth: 32,
    sequenceLength: 64,
    ropeBase: 10_000,
    positions: 'sequence',
    normEpsilon: 1e-5,
    queryKeyNorm: 'rms',
    head: 'untied',
    ...changes,
  };
}
