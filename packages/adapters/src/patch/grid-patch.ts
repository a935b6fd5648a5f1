/**
 * Patches of a latent with one, two or three axes in space and time (Zhou et al. 2024, section 3, "Latent image
 * representation", and its extension to further axes): a latent is cut into equal boxes, the time embedding is added to
 * every box's numbers, and one linear layer maps each to the model's width; another maps hidden states back. One learned
 * table per axis says where a patch was. A picture has the axes rows and columns, a video frames before them.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Embedded, NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { TransfuseError } from '@transfuse/core/contracts';
import { fromPatches, toPatches } from './patch-layout.ts';

/** What a patch adapter is made from; the lists have one entry for each axis, outermost first. */
export interface GridPatchConfig {
  /** Sides of a patch in positions of the latent, for example `[8, 8]`. */
  readonly patch: readonly number[];
  /** Channels of the latent: 3 for pixels, those of the codec otherwise. */
  readonly channels: number;
  /** Names of the axes: one to three, each another. They name the tables of positions (`rows.weight`). */
  readonly axes: readonly string[];
  /** Largest number of patches along each axis. */
  readonly maximumGrid: readonly number[];
  /** Whether every axis has a learned table of positions that is added to the tokens, or none has. */
  readonly positions: 'learned' | 'none';
}

/** The trainable half of an adapter whose latents lie on a grid. */
export interface GridPatch {
  /** How many patches there are along each axis of a latent `[...space, C]`. Throws `latent.unsupported-shape`. */
  tokenGrid(latentShape: readonly number[]): readonly number[];
  /** The trainable arrays for a model of this width. */
  parameters(modelWidth: number): ParameterSpec;
  /** Noisy latents `[B, ...space, C]` at times `[B]` to tokens `[B, N, D]`. */
  embed(params: NamedTensors, noisy: tf.Tensor, time: tf.Tensor): Embedded;
  /** Hidden states `[B, N, D]` to a prediction `[B, ...space, C]`. */
  predict(params: NamedTensors, hidden: tf.Tensor, latentShape: readonly number[]): tf.Tensor;
}

const standardDeviation = 0.02;
const timeFrequencies = 128;

/**
 * Creates the adapter's pure functions.
 *
 * @throws `config.invalid` if there are not one to three axes, if the lists differ in length, or if a size is not a
 *   positive integer; the functions throw `latent.unsupported-shape`
 *
 * @example
 * ```ts
 * import { createGridPatch } from '@transfuse/adapters/image';
 * const sound = createGridPatch({ patch: [4], channels: 16, axes: ['steps'], maximumGrid: [64], positions: 'learned' });
 * console.assert(sound.tokenGrid([128, 16]).join() === '32');
 * ```
 */
export function createGridPatch(config: GridPatchConfig): GridPatch {
  const { patch, channels, axes, maximumGrid, positions } = checked(config);
  const vectorSize = sizeOf(patch) * channels;

  const tokenGrid = (latentShape: readonly number[]): readonly number[] => {
    const grid = axes.map((_, axis) => (latentShape[axis] ?? 0) / patch[axis]!);
    const fits =
      latentShape.length === axes.length + 1 &&
      latentShape.at(-1) === channels &&
      grid.every((count, axis) => Number.isInteger(count) && count > 0 && count <= maximumGrid[axis]!);
    if (fits) return grid;
    const sides = axes.map(
      (name, axis) => `${name} a multiple of ${patch[axis]} up to ${patch[axis]! * maximumGrid[axis]!}`,
    );
    throw new TransfuseError({
      code: 'latent.unsupported-shape',
      place: 'latent',
      found: `shape [${latentShape.join(', ')}]`,
      expected: `[${axes.join(', ')}, ${channels}], ${sides.join(', ')}`,
      mend: 'Bring the value to another size, or choose another patch size.',
    });
  };

  return {
    tokenGrid,
    parameters(modelWidth) {
      const matrix = (rows: number, columns: number, decay = true) => ({
        shape: [rows, columns],
        initializer: { kind: 'normal' as const, standardDeviation },
        decay,
      });
      const bias = (size: number) => ({ shape: [size], initializer: { kind: 'zeros' as const }, decay: false });
      const table = (axis: number) => matrix(maximumGrid[axis]!, modelWidth, false);
      return {
        'time.first.weight': matrix(timeFrequencies * 2, modelWidth),
        'time.first.bias': bias(modelWidth),
        'time.second.weight': matrix(modelWidth, vectorSize),
        'time.second.bias': bias(vectorSize),
        'input.weight': matrix(vectorSize, modelWidth),
        'input.bias': bias(modelWidth),
        ...(positions === 'learned'
          ? Object.fromEntries(axes.map((name, axis) => [`${name}.weight`, table(axis)]))
          : {}),
        'output.weight': matrix(modelWidth, vectorSize),
        'output.bias': bias(vectorSize),
      };
    },
    embed(params, noisy, time) {
      const batch = noisy.shape[0]!;
      const grid = tokenGrid(noisy.shape.slice(1));
      const tokens = sizeOf(grid);
      const vectors = toPatches(noisy, { grid, patch, channels }); // [B, N, V]
      const timed = tf.add(vectors, tf.reshape(timeEmbedding(params, time), [batch, 1, vectorSize]));
      const projected = affine(tf.reshape(timed, [-1, vectorSize]), params, 'input'); // [B N, D]
      const modelWidth = projected.shape[1]!;
      const placed = tf.reshape(projected, [batch, tokens, modelWidth]);
      if (positions === 'none') return { tokens: placed, skips: {} };
      const where = gridPositions(params, axes, grid); // [...grid, D]
      return { tokens: tf.add(placed, tf.reshape(where, [1, tokens, modelWidth])), skips: {} };
    },
    predict(params, hidden, latentShape) {
      const grid = tokenGrid(latentShape);
      const vectors = affine(tf.reshape(hidden, [-1, hidden.shape[2]!]), params, 'output'); // [B N, V]
      return fromPatches(vectors, { grid, patch, channels });
    },
  };
}

/** The sum of one row of each axis' table, for every patch. @returns `[...grid, D]` */
function gridPositions(params: NamedTensors, axes: readonly string[], grid: readonly number[]): tf.Tensor {
  return axes
    .map((name, axis) => {
      const table = params[`${name}.weight`]!;
      const [count, width] = [grid[axis]!, table.shape[1]!];
      const along = tf.slice(table, [0, 0], [count, width]);
      return tf.reshape(along, [...grid.map((_, other) => (other === axis ? count : 1)), width]);
    })
    .reduce((sum, along) => tf.add(sum, along));
}

/** Sinusoids of the time on a scale of 1000, two layers deep. @param time `[B]` in [0, 1] @returns `[B, V]` */
function timeEmbedding(params: NamedTensors, time: tf.Tensor): tf.Tensor {
  const frequencies = Float32Array.from(
    { length: timeFrequencies },
    (_, index) => 1000 * 10_000 ** (-index / timeFrequencies),
  );
  const angles = tf.mul(tf.reshape(time, [-1, 1]), tf.tensor2d(frequencies, [1, timeFrequencies]));
  const waves = tf.concat([tf.sin(angles), tf.cos(angles)], 1);
  const hidden = affine(waves, params, 'time.first');
  return affine(tf.mul(hidden, tf.sigmoid(hidden)), params, 'time.second');
}

function affine(x: tf.Tensor, params: NamedTensors, name: string): tf.Tensor {
  return tf.add(tf.matMul(x as tf.Tensor2D, params[`${name}.weight`] as tf.Tensor2D), params[`${name}.bias`]!);
}

function checked(config: GridPatchConfig): GridPatchConfig {
  const { patch, axes, channels, maximumGrid } = config;
  const rank = axes.length;
  const whole = [...patch, ...maximumGrid, channels].every((size) => Number.isInteger(size) && size > 0);
  const named = rank >= 1 && rank <= 3 && new Set(axes).size === rank;
  if (whole && named && patch.length === rank && maximumGrid.length === rank) return config;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'createGridPatch',
    found: JSON.stringify({ patch, channels, axes, maximumGrid }),
    expected: 'one to three axes of different names, and a patch side and a largest grid for each, positive integers',
    mend: 'Give every list one entry for each axis of the latent, channels left out.',
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
