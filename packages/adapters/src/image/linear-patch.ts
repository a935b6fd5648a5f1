/**
 * The linear patch adapter (Zhou et al. 2024, section 3, "Latent image representation"): a latent is cut into square
 * patches, the time embedding is added to every patch vector, and one linear layer maps each to the model's width;
 * another maps hidden states back. Learned row and column vectors say where a patch was.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Embedded, NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { TransfuseError } from '@transfuse/core/contracts';

/** What a linear patch adapter is made from. */
export interface LinearPatchConfig {
  /** Side of a patch in positions of the latent. */
  readonly patchSize: 1 | 2 | 4 | 8;
  /** Channels of the latent: 3 for pixels, those of the codec otherwise. */
  readonly channels: number;
  /** Largest number of patches along one side. */
  readonly maximumGrid: number;
}

/** The trainable half of an image adapter. */
export interface LinearPatch {
  /** Rows and columns of patches in a latent `[H, W, C]`. Throws `image.unsupported-size`. */
  tokenGrid(latentShape: readonly number[]): readonly [number, number];
  /** The trainable arrays for a model of this width. */
  parameters(modelWidth: number): ParameterSpec;
  /** Noisy latents `[B, H, W, C]` at times `[B]` to tokens `[B, N, D]`. */
  embed(params: NamedTensors, noisy: tf.Tensor, time: tf.Tensor): Embedded;
  /** Hidden states `[B, N, D]` to a prediction `[B, H, W, C]`. */
  predict(params: NamedTensors, hidden: tf.Tensor, latentShape: readonly number[]): tf.Tensor;
}

const standardDeviation = 0.02;
const timeFrequencies = 128;

/** Creates the adapter's pure functions. */
export function createLinearPatch({ patchSize, channels, maximumGrid }: LinearPatchConfig): LinearPatch {
  const vectorSize = patchSize * patchSize * channels;

  const tokenGrid = (latentShape: readonly number[]): readonly [number, number] => {
    const [height = 0, width = 0, depth] = latentShape;
    const fits = height % patchSize === 0 && width % patchSize === 0 && height > 0 && width > 0 && depth === channels;
    const [rows, columns] = [height / patchSize, width / patchSize];
    if (fits && rows <= maximumGrid && columns <= maximumGrid) return [rows, columns];
    throw new TransfuseError({
      code: 'image.unsupported-size',
      place: 'image latent',
      found: `shape [${latentShape.join(', ')}]`,
      expected: `[H, W, ${channels}] with sides that are multiples of ${patchSize}, at most ${patchSize * maximumGrid}`,
      mend: 'Resize the picture, or choose another patch size.',
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
      return {
        'time.first.weight': matrix(timeFrequencies * 2, modelWidth),
        'time.first.bias': bias(modelWidth),
        'time.second.weight': matrix(modelWidth, vectorSize),
        'time.second.bias': bias(vectorSize),
        'input.weight': matrix(vectorSize, modelWidth),
        'input.bias': bias(modelWidth),
        'rows.weight': matrix(maximumGrid, modelWidth, false),
        'columns.weight': matrix(maximumGrid, modelWidth, false),
        'output.weight': matrix(modelWidth, vectorSize),
        'output.bias': bias(vectorSize),
      };
    },
    embed(params, noisy, time) {
      const [batch, height, width] = noisy.shape as [number, number, number, number];
      const [rows, columns] = tokenGrid([height, width, channels]);
      const vectors = toPatches(noisy, patchSize, rows, columns, channels); // [B, N, V]
      const timed = tf.add(vectors, tf.reshape(timeEmbedding(params, time), [batch, 1, vectorSize]));
      const projected = affine(tf.reshape(timed, [-1, vectorSize]), params, 'input'); // [B N, D]
      const modelWidth = projected.shape[1]!;
      const along = (name: string, count: number) => tf.slice(params[`${name}.weight`]!, [0, 0], [count, modelWidth]);
      const grid = tf.add(
        tf.reshape(along('rows', rows), [rows, 1, modelWidth]),
        tf.reshape(along('columns', columns), [1, columns, modelWidth]),
      );
      const tokens = tf.add(
        tf.reshape(projected, [batch, rows * columns, modelWidth]),
        tf.reshape(grid, [1, rows * columns, modelWidth]),
      );
      return { tokens, skips: {} };
    },
    predict(params, hidden, latentShape) {
      const [rows, columns] = tokenGrid(latentShape);
      const [batch, , modelWidth] = hidden.shape as [number, number, number];
      const vectors = affine(tf.reshape(hidden, [-1, modelWidth]), params, 'output');
      return fromPatches(vectors, patchSize, batch, rows, columns, channels);
    },
  };
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

/** `[B, H, W, C]` to `[B, N, P P C]`, patches in raster order, each row by row. */
function toPatches(x: tf.Tensor, size: number, rows: number, columns: number, channels: number): tf.Tensor {
  const batch = x.shape[0]!;
  const split = tf.reshape(x, [batch, rows, size, columns, size * channels]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [batch, rows * columns, size * size * channels]);
}

/** The inverse of {@link toPatches}. */
function fromPatches(
  vectors: tf.Tensor,
  size: number,
  batch: number,
  rows: number,
  columns: number,
  channels: number,
): tf.Tensor {
  const split = tf.reshape(vectors, [batch, rows, columns, size, size * channels]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [batch, rows * size, columns * size, channels]);
}
