/** Weights in every format, through the engines: what compiling, sharing, freezing and refusing mean with them. */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../../../../test/support/engine-host-tensor.ts';
import { wave } from '../../../../test/support/tiny-numbers.ts';
import type { CompileOptions, Engine, TensorStore, WeightFormat } from '../contracts/engine.ts';
import { createCompiledEngine } from './compiled-engine.ts';
import { createEagerEngine } from './eager-engine.ts';

const [rows, inner, outer] = [2, 64, 32];
const inputs: CompileOptions['inputs'] = { x: { shape: [rows, inner], dtype: 'float32' } };
const x = wave(1, rows * inner);
const matrix = (stream: number) => float32([inner, outer], wave(stream, inner * outer));

let engine: Engine;
let store: TensorStore;
beforeEach(() => {
  engine = createCompiledEngine({ threads: 1 });
  store = engine.createStore({ w: matrix(2) });
});
afterEach(() => engine.dispose());

const compile = (options: Partial<CompileOptions>, by = engine) =>
  by.compile(
    ({ model }, given) => ({ outputs: { y: tf.matMul(given['x']! as tf.Tensor2D, model!['w']! as tf.Tensor2D) } }),
    {
      name: 'product',
      inputs,
      stores: { model: store },
      frozen: ['model'],
      ...options,
    },
  );
const resultOf = async (options: Partial<CompileOptions>) => {
  const product = await compile(options);
  const { y } = await product.run({ x });
  return { product, y: y!.data.slice() as Float32Array };
};
const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((value, index) => value - b[index]!));

describe('compiled with smaller weights', () => {
  it('a function gives nearly the same, the less so the smaller they are', async () => {
    const { y: whole } = await resultOf({});
    const errors: number[] = [];
    for (const weights of ['float32', 'float16', 'int8', 'int4'] as const) {
      errors.push(distance((await resultOf({ weights })).y, whole) / Math.hypot(...whole));
    }
    expect(errors[0]).toBe(0);
    expect(errors).toEqual(errors.toSorted((a, b) => a - b));
    expect(errors[2]).toBeLessThan(0.02);
    expect(errors[3]).toBeLessThan(0.2);
  });

  it.each(['float16', 'int8', 'int4'] as const)('later writes to the store have no effect at %s', async (weights) => {
    const { product, y } = await resultOf({ weights });
    store.write('w', matrix(3));
    const again = await product.run({ x });
    expect(again['y']!.data).toEqual(y);
    const { y: other } = await resultOf({ weights });
    expect(distance(other, y)).toBeGreaterThan(1);
  });

  it('functions of different formats do not share what was compiled', async () => {
    const { y: four } = await resultOf({ weights: 'int4' });
    const { y: eight } = await resultOf({ weights: 'int8' });
    expect(eight).not.toEqual(four);
  });

  it.each(['int3', '', 'float64', 8, null])('the format %j is refused by its name', async (weights) => {
    await expect(compile({ weights: weights as WeightFormat })).rejects.toMatchObject({
      code: 'config.invalid',
      place: 'compiled function product, weights',
      expected: 'one of float32, float16, int8, int4',
    });
  });

  it.each(['float16', 'int8', 'int4'] as const)(
    'only what products multiply by and look-ups pick is rounded at %s, however large the function',
    async (weights) => {
      const [length, wide] = [640, 600]; // large enough for what is done to products and slices for speed
      const scores = float32(
        [length, 64],
        wave(4, length * 64).map((value, at) => (at % 7 === 0 ? -1e9 : value)),
      );
      const state = engine.createStore({ w: float32([length, wide], wave(3, length * wide)), scores });
      const compiled = async (format: WeightFormat) => {
        const run = await engine.compile(
          ({ model }, { given }) => ({
            outputs: {
              gradient: tf.matMul(given!, model!['w']!, true, false),
              part: tf.add(tf.slice(model!['scores']!, [4, 0], [600, 64]), 0),
              whole: model!['scores']!,
            },
          }),
          {
            name: 'unrounded',
            inputs: { given: { shape: [length, 64], dtype: 'float32' } },
            stores: { model: state },
            frozen: ['model'],
            weights: format,
          },
        );
        return run.run({ given: wave(5, length * 64) });
      };
      const [plain, small] = [await compiled('float32'), await compiled(weights)];
      for (const name of ['gradient', 'part', 'whole']) {
        expect(distance(small[name]!.data as Float32Array, plain[name]!.data as Float32Array)).toBeLessThan(1e-3);
      }
    },
  );

  it('weights that are not frozen are refused', async () => {
    await expect(compile({ weights: 'int8', frozen: [] })).rejects.toMatchObject({
      code: 'config.invalid',
      found: '"int8" for weights that may change between runs',
    });
    await expect(compile({ weights: 'float32', frozen: [] })).resolves.toBeDefined();
  });
});

it('the eager engine refuses smaller weights, and takes float32', async () => {
  const eager = await createEagerEngine();
  const stores = { model: eager.createStore({ w: matrix(2) }) };
  await expect(compile({ weights: 'int8', stores }, eager)).rejects.toMatchObject({
    code: 'config.invalid',
    found: '"int8" with the eager engine',
  });
  await expect(compile({ weights: 'float32', stores }, eager)).resolves.toBeDefined();
  await eager.dispose();
});
