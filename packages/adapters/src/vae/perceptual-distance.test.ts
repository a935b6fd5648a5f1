import { readFileSync } from 'node:fs';
import { type Scalar, type Tensor, mean, valueAndGrad } from '@tensorflow/tfjs-core';
import type { HostTensor } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { type PackedArray, unpack, waveTensor, waveWeights } from '../../../../test/support/autoencoder-reference.ts';
import { largestDifference, sizeOf } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { perceptualDistance, perceptualParameters } from './perceptual-distance.ts';

// Against PyTorch in float64: test/reference/lpips.py.

const fixture = JSON.parse(readFileSync(new URL('./perceptual-distance.fixture.json', import.meta.url), 'utf8')) as {
  readonly channels: readonly number[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly pictures: readonly number[];
  readonly distances: readonly number[];
  readonly gradient: PackedArray;
};

/** Weights of stages are not negative, as learned ones are. */
const weights: Record<string, HostTensor> = Object.fromEntries(
  Object.entries(waveWeights(perceptualParameters(fixture.channels), fixture.shapes)).map(([name, tensor]) => [
    name,
    name.startsWith('lin') ? { ...tensor, data: (tensor.data as Float32Array).map(Math.abs) } : tensor,
  ]),
);

describe.each(Object.entries({ eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) }))(
  'the perceptual distance, %s',
  (_, engine) => {
    it('is that of PyTorch, and so is its gradient in a picture', async () => {
      const outputs = await runOnce(
        engine,
        ({ one, other, ...params }) => ({
          distances: perceptualDistance(params, one!, other!),
          gradient: valueAndGrad((image: Tensor) => mean(perceptualDistance(params, one!, image)) as Scalar)(other!)
            .grad,
        }),
        { ...weights, one: waveTensor(950, fixture.pictures), other: waveTensor(951, fixture.pictures) },
      );
      expect(largestDifference(outputs['distances']!.data, fixture.distances)).toBeLessThan(1e-5);
      const expected = unpack(fixture.gradient);
      const largest = Math.max(...expected.map(Math.abs));
      expect(largestDifference(outputs['gradient']!.data, expected) / largest).toBeLessThan(1e-4);
    });

    it('is 0 between equal pictures, and has a gradient where no feature answers', async () => {
      const silent = Object.fromEntries(
        Object.entries(weights).map(([name, tensor]) => [
          name,
          name.endsWith('.bias') ? { ...tensor, data: new Float32Array(tensor.data.length).fill(-100) } : tensor,
        ]),
      );
      const picture = waveTensor(950, fixture.pictures);
      for (const [params, other] of [
        [weights, picture],
        [silent, waveTensor(951, fixture.pictures)],
      ] as const) {
        const outputs = await runOnce(
          engine,
          (inputs) => {
            const { value, grad } = valueAndGrad(
              (image: Tensor) => mean(perceptualDistance(inputs, inputs['one']!, image)) as Scalar,
            )(inputs['other']!);
            return { value, grad };
          },
          { ...params, one: picture, other },
        );
        expect(outputs['value']!.data[0]).toBe(0);
        expect(outputs['grad']!.data.every((number) => number === 0)).toBe(true);
      }
    });
  },
);

it('has as many parameters as VGG16 without its classifier, and one more per channel of a stage', () => {
  const sizes = Object.values(perceptualParameters()).map(({ shape }) => sizeOf(shape));
  expect(sizes.reduce((total, size) => total + size, 0)).toBe(14_714_688 + 64 + 128 + 256 + 512 + 512);
});
