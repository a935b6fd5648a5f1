/**
 * Multi-head attention with rotary positions, optional grouped key/value heads and an optional cached prefix. Keys and
 * values of the new positions are returned, so that a caller can append them to the cache.
 */
import { add, concat, matMul, mul, reshape, slice, softmax, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../contracts/tensors.ts';
import { attend, type QueryRun } from '../engine/primitives/attend.ts';
import { rmsNormalize } from '../engine/primitives/rms-normalize.ts';
import { rotate, type RotaryTable } from '../engine/primitives/rotate.ts';
import type { HeadLayout } from './head-layout.ts';
import { linear, normalizedLinear } from './linear.ts';
import type { TransformerConfig } from './transformer-config.ts';

/** Keys and values of one layer, laid out for attention: `[B, K, T, hd]` over whole rows. */
export interface KeysAndValues {
  /** `[G, K, L, hd]`, already rotated */
  readonly keys: Tensor;
  /** `[G, K, L, hd]` */
  readonly values: Tensor;
}

/** What positions see besides their own hidden state. */
export interface AttentionContext {
  /** `[B, T]` int32 positions within the document. */
  readonly positions: Tensor;
  /** Into G groups of L positions. */
  readonly layout: HeadLayout;
  /** `[G or 1, 1, L, L]`, added to scores among the new positions: 0, or -1e9 for those left out. */
  readonly mask: Tensor;
  /** The same mask in runs of queries. */
  readonly runs: readonly QueryRun[];
  readonly rotary: RotaryTable;
}

/** A cached prefix of one layer and what may be seen of it. */
export interface CachedPrefix extends KeysAndValues {
  /** `[B, 1, 1, S]`, added to scores against the cache: 0 for filled entries, -1e9 for the rest. */
  readonly mask: Tensor;
}

/** @param x `[B, T, D]` @param params `norm`, `query`, `key`, `value`, `output` weights of one layer @returns output `[B, T, D]` */
export function attention(
  params: NamedTensors,
  config: TransformerConfig,
  x: Tensor,
  context: AttentionContext,
  prefix?: CachedPrefix,
): { readonly output: Tensor } & KeysAndValues {
  const [batch, length, width] = x.shape as [number, number, number];
  const { heads, keyValueHeads } = config;
  const size = width / heads;
  const normalized = rmsNormalize(x, config.normEpsilon);
  const project = (name: string, count: number) =>
    reshape(normalizedLinear(normalized, params['norm.weight']!, params[`${name}.weight`]!), [
      batch,
      length,
      count,
      size,
    ]);
  const turned = (name: string, count: number) => {
    const heads = project(name, count); // [B, T, H, hd]
    const gain = params[`${name}_norm.weight`];
    const stable = gain === undefined ? heads : mul(rmsNormalize(heads, config.normEpsilon), gain);
    return rotate(stable, context.positions, context.rotary);
  };
  const { layout } = context;
  const queries = layout.apart(turned('query', heads)); // [G, H, L, hd]
  const keys = layout.apart(turned('key', keyValueHeads)); // [G, K, L, hd]
  const values = layout.apart(project('value', keyValueHeads)); // [G, K, L, hd]

  const mixed =
    prefix === undefined
      ? attend(queries, keys, values, context.runs)
      : attendWithPrefix(queries, { keys, values, mask: context.mask }, prefix); // [G, H, L, hd]
  return { output: linear(layout.together(mixed), params['output.weight']!), keys, values };
}

/** Attention to a cached prefix and to the new positions themselves; forward only. @returns `[B, H, T, hd]` */
function attendWithPrefix(queries: Tensor, own: CachedPrefix, prefix: CachedPrefix): Tensor {
  const [batch, heads, length, size] = queries.shape as [number, number, number, number];
  const keyHeads = own.keys.shape[1]!;
  const perKeyHead = (x: Tensor) => reshape(x, [batch, keyHeads, (heads / keyHeads) * length, x.shape[3]!]);
  const perHead = (x: Tensor) => reshape(x, [batch, heads, length, x.shape[3]!]);
  const scores = ({ keys, mask }: CachedPrefix) =>
    add(mul(perHead(matMul(perKeyHead(queries), keys, false, true)), 1 / Math.sqrt(size)), mask);
  const mix = (weights: Tensor, { values }: CachedPrefix) => perHead(matMul(perKeyHead(weights), values));

  const cached = prefix.keys.shape[2]!;
  const weights = softmax(concat([scores(prefix), scores(own)], -1)); // [B, H, T, S + T]
  const part = (begin: number, count: number) => slice(weights, [0, 0, 0, begin], [batch, heads, length, count]);
  return add(mix(part(0, cached), prefix), mix(part(cached, length), own));
}
