/**
 * The trainable half: a patch of samples plus what is known of the noise goes through one linear layer to a token, and
 * another layer leads hidden states back to samples. These are pure functions in TensorFlow.js ops: no values are read,
 * nothing is random, shapes follow from shapes. So they can be differentiated, traced and compiled.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ContinuousAdapter, NamedTensors, ParameterDeclaration } from '@transfuse/core/contracts';

const waves = 32; // sinusoids that tell the time

/** Shapes: B batch, N tokens, D model width, P numbers of a patch. */
export function createPatches(sizes: {
  readonly patch: number;
  readonly channels: number;
  readonly maximumTokens: number;
}): Pick<ContinuousAdapter, 'parameters' | 'embed' | 'predict'> {
  const { patch, channels, maximumTokens } = sizes;
  const numbers = patch * channels; // P
  return {
    // Every trainable array by name; what is not declared here does not exist, what is must be used below.
    parameters: (modelWidth) => ({
      'input.weight': matrix(numbers, modelWidth),
      'input.bias': bias(modelWidth),
      'time.weight': matrix(2 * waves, modelWidth),
      'position.weight': { ...matrix(maximumTokens, modelWidth), decay: false },
      'output.weight': matrix(modelWidth, numbers),
      'output.bias': bias(numbers),
    }),

    // `noisy` [B, length, channels], `time` [B] from 0 (clean) to 1 (noise)
    embed(params, noisy, time) {
      const [batch, length] = noisy.shape as [number, number, number];
      const tokens = length / patch;
      const patches = tf.reshape(noisy, [batch * tokens, numbers]); // [B N, P]
      const projected = tf.reshape(linear(patches, params, 'input'), [batch, tokens, -1]); // [B, N, D]
      const width = projected.shape[2]!;
      const timed = tf.reshape(tf.matMul(sinusoids(time), params['time.weight'] as tf.Tensor2D), [batch, 1, width]);
      const position = tf.slice(params['position.weight']!, [0, 0], [tokens, width]);
      return { tokens: tf.add(tf.add(projected, timed), tf.reshape(position, [1, tokens, width])), skips: {} };
    },

    // `hidden` [B, N, D]; what `embed` returned as `skips` arrives here too, for networks like a U-Net's
    predict(params, hidden, _time, _skips, latentShape) {
      const [batch, tokens, width] = hidden.shape as [number, number, number];
      const patches = linear(tf.reshape(hidden, [batch * tokens, width]), params, 'output'); // [B N, P]
      return tf.reshape(patches, [batch, ...latentShape]);
    },
  };
}

function linear(x: tf.Tensor, params: NamedTensors, name: string): tf.Tensor {
  return tf.add(tf.matMul(x as tf.Tensor2D, params[`${name}.weight`] as tf.Tensor2D), params[`${name}.bias`]!);
}

/** Sines and cosines of the time at frequencies from 1 to about 1000. @param time `[B]` @returns `[B, 2 * waves]` */
function sinusoids(time: tf.Tensor): tf.Tensor2D {
  const frequencies = Float32Array.from({ length: waves }, (_, index) => 1000 ** (index / (waves - 1)));
  const angles = tf.mul(tf.reshape(time, [-1, 1]), tf.tensor2d(frequencies, [1, waves]));
  return tf.concat([tf.sin(angles), tf.cos(angles)], 1) as tf.Tensor2D;
}

function matrix(rows: number, columns: number): ParameterDeclaration {
  return { shape: [rows, columns], initializer: { kind: 'normal', standardDeviation: 0.02 }, decay: true };
}

function bias(size: number): ParameterDeclaration {
  return { shape: [size], initializer: { kind: 'zeros' }, decay: false };
}
