/** Updates computed apart from the graph, as callers see them: the same values as on the eager engine, in every way a function can be run. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { HostTensor, TensorFunction } from '../../contracts/index.ts';
import { createCompiledEngine } from '../compiled-engine.ts';
import { createEagerEngine } from '../eager-engine.ts';

const compiled = createCompiledEngine({ threads: 1, cache: 'none' });
const eager = await createEagerEngine();
afterAll(async () => {
  await compiled.dispose();
  await eager.dispose();
});

const tensorNames = ['a', 'b', 'c'] as const;
const inputs = { x: { shape: [2, 3], dtype: 'float32' as const }, rate: { shape: [], dtype: 'float32' as const } };
const matrix = (values: readonly number[]): HostTensor => ({
  data: Float32Array.from(values),
  shape: [2, 3],
  dtype: 'float32',
});

/** How a value is computed: of a store's tensors, an input, a number and what the graph makes of them. */
type Recipe = (leaves: Readonly<Record<string, tf.Tensor>>) => tf.Tensor;
const recipes: fc.Arbitrary<Recipe> = fc.letrec<{ recipe: Recipe }>((tie) => ({
  recipe: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    fc.constantFrom<Recipe>(
      ...[...tensorNames, 'x', 'rate'].map(
        (name): Recipe =>
          (leaves) =>
            leaves[name]!,
      ),
      () => tf.scalar(0.75),
      (leaves) => tf.tanh(leaves['a']!),
      (leaves) => tf.sum(leaves['x']!),
    ),
    fc.tuple(fc.constantFrom(tf.add, tf.sub, tf.mul), tie('recipe'), tie('recipe')).map(
      ([operate, left, right]): Recipe =>
        (leaves) =>
          operate(left(leaves), right(leaves)) as tf.Tensor,
    ),
    tie('recipe').map(
      (of): Recipe =>
        (leaves) =>
          tf.sqrt(tf.square(of(leaves))),
    ),
    fc.tuple(tie('recipe'), tie('recipe')).map(
      ([left, right]): Recipe =>
        (leaves) =>
          tf.div(left(leaves), tf.add(tf.square(right(leaves)), 0.5)),
    ),
  ),
})).recipe;

describe('updates of stores', () => {
  it('have the eager engine’s values, whichever tensors they read and write', async () => {
    const number = fc.float({ min: -2, max: 2, noNaN: true });
    const six = fc.array(number, { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({ a: fc.option(recipes), b: fc.option(recipes), c: fc.option(recipes), shown: recipes }),
        fc.record({ a: six, b: six, c: six, x: six, rate: number }),
        async ({ shown, ...news }, values) => {
          const run: TensorFunction = ({ store }, { x, rate }) => {
            const leaves = { ...store, x: x!, rate: rate! };
            const fill = (value: tf.Tensor) => tf.add(value, tf.zeros([2, 3])) as tf.Tensor;
            const updates = Object.entries(news).flatMap(([name, recipe]) => {
              if (recipe === null) return [];
              const value = recipe(leaves);
              return [[name, value.rank === 2 ? value : fill(value)] as const];
            });
            return { outputs: { shown: fill(shown(leaves)) }, updates: { store: Object.fromEntries(updates) } };
          };
          const results = await Promise.all(
            [compiled, eager].map(async (engine) => {
              const { a, b, c } = values;
              const store = engine.createStore({ a: matrix(a), b: matrix(b), c: matrix(c) });
              const fn = await engine.compile(run, { name: 'update', inputs, stores: { store } });
              const shownValues: number[] = [];
              for (let step = 0; step < 2; step++) {
                const fed = { x: Float32Array.from(values.x), rate: Float32Array.of(values.rate) };
                shownValues.push(...(await fn.run(fed))['shown']!.data);
              }
              const stored = await Promise.all(tensorNames.map(async (name) => [...(await store.read(name)).data]));
              await fn.dispose();
              store.dispose();
              return [...shownValues, ...stored.flat()];
            }),
          );
          const [actual, expected] = results as [number[], number[]];
          for (const [index, value] of expected.entries()) {
            if (Math.abs(value) > 1e12 || !Number.isFinite(value)) continue;
            expect(Math.abs(actual[index]! - value)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  const step: TensorFunction = ({ w, m }, { x }) => {
    const next = tf.add(tf.mul(m!['a']!, 0.5), tf.mul(tf.square(x!), 0.25));
    return { outputs: {}, updates: { m: { a: next }, w: { a: tf.sub(w!['a']!, tf.mul(next, 0.5)) } } };
  };
  const x = { x: inputs.x };
  const ones = { x: new Float32Array(6).fill(2) };
  const stores = () => ({
    w: compiled.createStore({ a: matrix([1, 2, 3, 4, 5, 6]) }),
    m: compiled.createStore({ a: matrix([0, 0, 0, 0, 0, 0]) }),
  });

  it('are seen by every function over the stores, and by those who write to them in between', async () => {
    const { w, m } = stores();
    const options = { name: 'step', inputs: x, stores: { w, m } };
    const [first, second] = [await compiled.compile(step, options), await compiled.compile(step, options)];
    const show = await compiled.compile(({ w: weights }) => ({ outputs: { w: tf.add(weights!['a']!, 0) } }), {
      name: 'show',
      inputs: {},
      stores: { w },
    });
    await first.run(ones); // m 1, w - 0.5
    await second.run(ones); // m 1.5, w - 1.25
    expect([...(await show.run({}))['w']!.data]).toEqual([-0.25, 0.75, 1.75, 2.75, 3.75, 4.75]);
    w.write('a', matrix([0, 0, 0, 0, 0, 0]));
    await first.run(ones); // m 1.75
    expect([...(await w.read('a')).data]).toEqual(Array(6).fill(-0.875));
    expect([...(await m.read('a')).data]).toEqual(Array(6).fill(1.75));
    await Promise.all([first, second, show].map((fn) => fn.dispose()));
  });

  it('show in functions that take the store’s values as constants afterwards, whichever of them changed', async () => {
    // Constants of this size enter the key of a compiled graph by their digests.
    const large = (value: number): HostTensor => ({
      data: new Float32Array(40).fill(value),
      shape: [40],
      dtype: 'float32',
    });
    const w = compiled.createStore({ a: large(1), b: large(2) });
    const both: TensorFunction = ({ w: weights }, { rate }) => {
      const next = (now: tf.Tensor) => tf.sub(now, tf.mul(tf.add(tf.mul(now, 0.5), rate!), 0.25));
      return { outputs: {}, updates: { w: { a: next(weights!['a']!), b: next(weights!['b']!) } } };
    };
    const fn = await compiled.compile(both, { name: 'step', inputs: { rate: inputs.rate }, stores: { w } });
    // A function that is compiled while another lives with the same graph and constants shares its session.
    const shown: { readonly dispose: () => Promise<void> }[] = [];
    const frozen = async () => {
      const show = await compiled.compile(
        ({ w: weights }) => ({ outputs: { w: tf.concat([weights!['a']!, weights!['b']!]) } }),
        { name: 'frozen', inputs: {}, stores: { w }, frozen: ['w'] },
      );
      shown.push(show);
      return [...(await show.run({}))['w']!.data];
    };
    const stored = async () => [...(await w.read('a')).data, ...(await w.read('b')).data];
    await fn.run({ rate: Float32Array.of(1) });
    expect(await frozen()).toEqual(await stored());
    for (const name of ['a', 'b'] as const) {
      w.write(name, large(7));
      expect(await frozen()).toEqual(await stored());
    }
    await Promise.all([...shown, fn].map((each) => each.dispose()));
  });

  it('stay as they were when a run fails', async () => {
    const { w, m } = stores();
    const fn = await compiled.compile(step, { name: 'step', inputs: x, stores: { w, m } });
    await expect(fn.run({ x: new Float32Array(5) })).rejects.toMatchObject({ code: 'engine.feed-mismatch' });
    expect([...(await m.read('a')).data]).toEqual(Array(6).fill(0));
    await fn.dispose();
  });
});
