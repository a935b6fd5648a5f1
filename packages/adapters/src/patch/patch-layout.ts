/**
 * The order of numbers in patches: cuts a latent into boxes and puts them together again. Numbers only move, nothing is
 * computed. TensorFlow.js transposes at most six axes and a video in boxes would have eight, so one axis is folded
 * at a time, innermost first: what lies further in is two numbers by then, how many patches and how long their vectors.
 */
import * as tf from '@tensorflow/tfjs-core';

/** How a latent is cut. */
export interface PatchLayout {
  /** Patches along each axis, outermost first. */
  readonly grid: readonly number[];
  /** Sides of a patch along each axis. */
  readonly patch: readonly number[];
  readonly channels: number;
}

/** A latent `[B, ...space, C]` to patches `[B, N, V]` in raster order; a patch's numbers in raster order, channels innermost. */
export function toPatches(latent: tf.Tensor, { grid, patch, channels }: PatchLayout): tf.Tensor {
  let [patches, vector] = [1, channels]; // of the axes folded so far
  let folded = latent;
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    const [count, side] = [grid[axis]!, patch[axis]!];
    folded = swapped(tf.reshape(folded, [-1, count, side, patches, vector])); // [outer, count, patches, side, vector]
    [patches, vector] = [count * patches, side * vector];
  }
  return tf.reshape(folded, [latent.shape[0]!, patches, vector]);
}

/** The inverse of {@link toPatches}. @param vectors patches of any batch, `[B, N, V]` or `[B N, V]` */
export function fromPatches(vectors: tf.Tensor, { grid, patch, channels }: PatchLayout): tf.Tensor {
  let [patches, vector] = [product(grid), product(patch) * channels]; // of the axes still folded
  let folded = vectors;
  for (const [axis, count] of grid.entries()) {
    const side = patch[axis]!;
    [patches, vector] = [patches / count, vector / side];
    folded = swapped(tf.reshape(folded, [-1, count, patches, side, vector])); // [outer, count, side, patches, vector]
  }
  return tf.reshape(folded, [-1, ...grid.map((count, axis) => count * patch[axis]!), channels]);
}

/** Swaps the two axes before the last of five; where one of them is 1 the numbers already lie as they should. */
function swapped(x: tf.Tensor): tf.Tensor {
  const [outer, count, first, second, inner] = x.shape as [number, number, number, number, number];
  if (first === 1 || second === 1) return tf.reshape(x, [outer, count, second, first, inner]);
  return tf.transpose(x, [0, 1, 3, 2, 4]);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
