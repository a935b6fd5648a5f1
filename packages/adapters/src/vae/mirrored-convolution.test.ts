import {
  conv2d,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  add,
  valueAndGrads,
} from '@tensorflow/tfjs-core';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { weighted } from '../../../../test/support/tiny-gradient-check.ts';
import { largestDifference, wave } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { convolutionOfAllPositions } from './mirrored-convolution.ts';

const numbers = (stream: number, shape: readonly number[]) => ({
  dtype: 'float32' as const,
  shape,
  data: wave(
    stream,
    shape.reduce((product, size) => product * size, 1),
  ),
});

describe.each(Object.entries({ eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) }))(
  'the convolution around all positions, %s',
  (_, engine) => {
    it.each([
      { window: 1, inputs: 3, outputs: 2, bias: 'with' },
      { window: 3, inputs: 3, outputs: 2, bias: 'with' },
      { window: 3, inputs: 1, outputs: 4, bias: 'without' },
      { window: 5, inputs: 2, outputs: 3, bias: 'with' },
    ])('has the result and the gradients of TensorFlow.js: $window x $window, $bias bias', async (example) => {
      const { window, inputs, outputs, bias } = example;
      const tensors = {
        x: numbers(1, [2, 4, 7, inputs]),
        filter: numbers(2, [window, window, inputs, outputs]),
        ...(bias === 'with' && { bias: numbers(3, [outputs]) }),
      };
      const names = Object.keys(tensors);
      const differentiated = (act: (x: Tensor4D, filter: Tensor4D, shift: Tensor1D | undefined) => Tensor) =>
        runOnce(
          engine,
          (given) => {
            const f = (x: Tensor, filter: Tensor, shift?: Tensor) =>
              weighted(act(x as Tensor4D, filter as Tensor4D, shift as Tensor1D | undefined)) as Scalar;
            const { value, grads } = valueAndGrads(f as (...tensors: Tensor[]) => Scalar)(
              names.map((name) => given[name]!),
            );
            return { value, ...Object.fromEntries(names.map((name, index) => [name, grads[index]!])) };
          },
          tensors,
        );
      const expected = await differentiated((x, filter, shift) => {
        const plain = conv2d(x, filter, 1, 'same');
        return shift === undefined ? plain : add(plain, shift);
      });
      const found = await differentiated(convolutionOfAllPositions);
      for (const name of ['value', ...names]) {
        expect(found[name]!.shape).toEqual(expected[name]!.shape);
        expect(largestDifference(found[name]!.data, expected[name]!.data), name).toBeLessThan(1e-5);
      }
    });
  },
);
