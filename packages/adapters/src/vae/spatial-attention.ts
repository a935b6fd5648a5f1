/**
 * The self-attention in the middle of AutoencoderKL: one head over all positions of an image, after a group
 * normalization and added to its input. Queries are taken in portions, so that the table of scores stays bounded
 * however large the image is; the result does not depend on it.
 */
import { add, concat, matMul, mul, reshape, slice, softmax, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors } from '@transfuse/core/contracts';
import { groupNorm } from './group-norm.ts';

/** Scores that are held at once: 64 MiB of them. */
const largestTable = 2 ** 24;

/** How scores are computed. */
export interface SpatialAttentionOptions {
  readonly groups: number;
  /** Most scores per picture that are held at once; default 2^24. */
  readonly table?: number;
}

/** @param x `[B, H, W, C]` @param params `group_norm`, `to_q`, `to_k`, `to_v`, `to_out.0` @returns `[B, H, W, C]` */
export function spatialAttention(
  params: NamedTensors,
  name: string,
  x: Tensor,
  { groups, table = largestTable }: SpatialAttentionOptions,
): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const positions = height * width;
  const normalized = reshape(groupNorm(params, `${name}.group_norm`, x, groups), [-1, channels]); // [B N, C]
  const project = (part: string, input: Tensor) =>
    reshape(add(matMul(input, params[`${name}.${part}.weight`]!), params[`${name}.${part}.bias`]!), [
      batch,
      positions,
      channels,
    ]);
  const queries = mul(project('to_q', normalized), 1 / Math.sqrt(channels)); // [B, N, C]
  const keys = project('to_k', normalized); // [B, N, C]
  const values = project('to_v', normalized); // [B, N, C]

  const portion = Math.max(1, Math.floor(table / positions));
  const mixed: Tensor[] = [];
  for (let begin = 0; begin < positions; begin += portion) {
    const count = Math.min(portion, positions - begin);
    const asking = count === positions ? queries : slice(queries, [0, begin, 0], [batch, count, channels]);
    mixed.push(matMul(softmax(matMul(asking, keys, false, true)), values)); // [B, n, C]
  }
  const joined = mixed.length === 1 ? mixed[0]! : concat(mixed, 1); // [B, N, C]
  return add(x, reshape(project('to_out.0', reshape(joined, [-1, channels])), x.shape));
}
