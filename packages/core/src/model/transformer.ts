/**
 * The transformer of the Llama family as a pure function: pre-norm blocks of attention and feed-forward, a final norm.
 * It knows positions and masks, nothing of modalities (Zhou et al. 2024, section 3; Touvron et al. 2023).
 */
import { add, mul, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../contracts/tensors.ts';
import { rmsNormalize } from '../engine/primitives/rms-normalize.ts';
import { attention, type CachedPrefix, type KeysAndValues } from './attention.ts';
import { feedForward } from './feed-forward.ts';
import { laneLayout, type LaneTensors, rowLayout } from './head-layout.ts';
import { queryRuns } from './query-runs.ts';
import { rotaryAngles } from './rotary-angles.ts';
import { scoped } from './scoped.ts';
import type { TransformerConfig } from './transformer-config.ts';

/** Inputs of the transformer besides the hidden states. */
export interface TransformerContext {
  /** `[B, T]` or, for axial positions, `[A, B, T]` int32 positions within the document. */
  readonly positions: Tensor;
  /** `[B or 1, 1, T, T]`, added to scores among the new positions, 0 or -1e9; with `lanes` `[N, 1, L, L]`, of places. */
  readonly mask: Tensor;
  /** Where attention is over documents apart instead of rows; not with `prefix`. */
  readonly lanes?: LaneTensors | undefined;
  /**
   * How many positions after its own the mask lets a position see at most; default all. What lies beyond is not computed, so
   * a number too small hides keys that the mask allows.
   */
  readonly lookahead?: number;
  /** A cached prefix per layer. */
  readonly prefix?: readonly CachedPrefix[];
}

/** What the transformer computes. */
export interface TransformerResult {
  /** `[B, T, D]` after the final norm. */
  readonly hidden: Tensor;
  /** Keys and values of the new positions, per layer; with `lanes`, of their places. */
  readonly layers: readonly KeysAndValues[];
}

/** Runs all blocks and the final norm. @param x `[B, T, D]` token vectors in sequence order */
export function transformer(
  params: NamedTensors,
  config: TransformerConfig,
  x: Tensor,
  { positions, mask, lanes, lookahead = x.shape[1]!, prefix }: TransformerContext,
): TransformerResult {
  const layout = lanes === undefined ? rowLayout : laneLayout(lanes, x.shape[0]!);
  const among = { ...rotaryAngles(config, positions), layout, mask, runs: queryRuns(mask, lookahead) };
  const layers: KeysAndValues[] = [];
  let stream = x;
  for (let layer = 0; layer < config.depth; layer++) {
    const block = scoped(params, `blocks.${layer}`);
    const attended = attention(scoped(block, 'attention'), config, stream, among, prefix?.[layer]);
    layers.push({ keys: attended.keys, values: attended.values });
    stream = add(stream, attended.output);
    stream = add(stream, feedForward(scoped(block, 'feed_forward'), config, stream));
  }
  return { hidden: mul(rmsNormalize(stream, config.normEpsilon), params['norm.weight']!), layers };
}
