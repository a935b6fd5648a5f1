/**
 * A continuous adapter for tests of core alone: a latent `[N, C]` is N tokens, each through one matrix, with the time
 * added; what comes back goes through another matrix, and past the transformer around as a skip.
 */
import { add, matMul, mul, reshape, type Tensor } from '@tensorflow/tfjs-core';
import type { ContinuousAdapter, Latent, NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { wave } from './tiny-numbers.ts';

const matrix = (shape: readonly number[]): ParameterSpec[string] => ({
  shape,
  initializer: { kind: 'normal', standardDeviation: 0.1 },
  decay: true,
});

/** Creates the adapter for a modality name. */
export function tinySignal({ modality = 'signal', tokens = 3, channels = 2 } = {}): ContinuousAdapter<Latent> {
  const product = (x: Tensor, weight: Tensor, columns: number) =>
    reshape(matMul(reshape(x, [-1, x.shape.at(-1)!]), weight), [...x.shape.slice(0, -1), columns]);
  const weightOf = (params: NamedTensors, name: string) => params[`${name}.weight`]!;
  return {
    kind: 'continuous',
    modality,
    defaultLatentShape: [tokens, channels],
    encode: async (latent) => latent,
    decode: async ({ data, shape }) => ({ data: data.slice(), shape }),
    tokenGrid: (shape) => [shape[0]!],
    parameters: (width) => ({
      'input.weight': matrix([channels, width]),
      'time.weight': matrix([1, width]),
      'output.weight': matrix([width, channels]),
      'skip.weight': matrix([channels, channels]),
    }),
    embed(params, noisy, time) {
      const width = weightOf(params, 'input').shape[1]!;
      const vectors = product(noisy, weightOf(params, 'input'), width);
      const timed = mul(reshape(time, [-1, 1, 1]), reshape(weightOf(params, 'time'), [1, 1, width]));
      return { tokens: add(vectors, timed), skips: { noisy } };
    },
    predict: (params, hidden, _time, skips) =>
      add(
        product(hidden, weightOf(params, 'output'), channels),
        product(skips['noisy']!, weightOf(params, 'skip'), channels),
      ),
  };
}

/** A clean value of the adapter's default size, decided by a stream number. */
export function tinySample(stream: number, { tokens = 3, channels = 2 } = {}): Latent {
  return { shape: [tokens, channels], data: wave(stream, tokens * channels, 0.9) };
}
