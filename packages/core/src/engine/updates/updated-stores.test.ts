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
const tensor = (shape: readonly number[], values: ArrayLike<number>): HostTensor => ({
  data: Float32Array.from(values),
  shape,
  dtype: 'float32',
});
const matrix = (values: readonly number[]) => tensor([2, 3], values);

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
      (leaves) => tf.max(leaves['x']!), // not the sum: engines round one of 33,000 numbers differently
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
    const shapes = fc.constantFrom([2, 3], [7], [1, 1], [1], [3, 11_000]);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ a: fc.option(recipes), b: fc.option(recipes), c: fc.option(recipes), shown: recipes }),
        fc.record({ a: number, b: number, c: number, x: number, rate: number }),
        shapes,
        async ({ shown, ...news }, seeds, shape) => {
          const length = shape.reduce((product, size) => product * size, 1);
          const values = (seed: number) => Float32Array.from({ length }, (_, i) => seed * Math.cos(i));
          const run: TensorFunction = ({ store }, { x, rate }) => {
            const leaves = { ...store, x: x!, rate: rate! };
            const fill = (value: tf.Tensor) => tf.add(value, tf.zeros(shape)) as tf.Tensor;
            const updates = Object.entries(news).flatMap(([name, recipe]) => {
              if (recipe === null) return [];
              const value = recipe(leaves);
              return [[name, value.shape.join() === shape.join() ? value : fill(value)] as const];
            });
            return { outputs: { shown: fill(shown(leaves)) }, updates: { store: Object.fromEntries(updates) } };
          };
          const results = await Promise.all(
            [compiled, eager].map(async (engine) => {
              const made = tensorNames.map((name) => [name, tensor(shape, values(seeds[name]))] as const);
              const store = engine.createStore(Object.fromEntries(made));
              const fed = { x: values(seeds.x), rate: Float32Array.of(seeds.rate) };
              const fn = await engine.compile(run, {
                name: 'update',
                inputs: { x: { shape, dtype: 'float32' }, rate: inputs.rate },
                stores: { store },
              });
              const shownValues: number[] = [];
              for (let step = 0; step < 2; step++) {
                shownValues.push(...(await fn.run(fed))['shown']!.data.subarray(0, 50));
              }
              const stored = await Promise.all(tensorNames.map(async (name) => (await store.read(name)).data));
              await fn.dispose();
              store.dispose();
              return [...shownValues, ...stored.flatMap((data) => [...data])];
            }),
          );
          const [actual, expected] = results as [number[], number[]];
          for (const [index, value] of expected.entries()) {
            if (Math.abs(value) > 1e12 || !Number.isFinite(value)) continue;
            if (Math.abs(actual[index]! - value) > 1e-4 * Math.max(1, Math.abs(value))) {
              expect(actual[index]).toBe(value);
            }
          }
        },
      ),
      { numRuns: 150, seed: 1 },
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
    const picking: TensorFunction = (held, fed) => ({
      ...step(held, fed),
      outputs: { picked: tf.gather(fed['x']!, fed['index'] as tf.Tensor1D) },
    });
    const index = { shape: [1], dtype: 'int32' as const };
    const fn = await compiled.compile(picking, { name: 'step', inputs: { ...x, index }, stores: { w, m } });
    const failing = fn.run({ ...ones, index: Int32Array.of(99) });
    await expect(failing).rejects.toMatchObject({ code: 'engine.failed' });
    expect([...(await m.read('a')).data]).toEqual(Array(6).fill(0));
    await fn.run({ ...ones, index: Int32Array.of(1) });
    expect([...(await m.read('a')).data]).toEqual(Array(6).fill(1));
    await fn.dispose();
  });

  it('are right where functions over some of the stores were compiled before', async () => {
    const { w, m } = stores();
    const alone: TensorFunction = ({ w: weights }, { x: input }) => {
      const now = weights!['a']!;
      return { outputs: { x: input! }, updates: { w: { a: tf.sub(now, tf.mul(tf.add(tf.square(now), input!), 0)) } } };
    };
    const clip: TensorFunction = ({ w: weights, m: moments }) => ({
      outputs: {},
      updates: { w: { a: tf.relu(weights!['a']!) }, m: { a: tf.relu(moments!['a']!) } },
    });
    const compile = (run: TensorFunction, inputsOf: Record<string, (typeof inputs)['x']>) =>
      compiled.compile(run, { name: 'part', inputs: inputsOf, stores: { w, m } });
    const [some, first, clipped] = [await compile(alone, x), await compile(step, x), await compile(clip, {})];
    await some.run(ones);
    await first.run(ones); // m 1, w - 0.5
    await clipped.run({}); // replaced by the graph
    const second = await compile(step, x);
    await second.run(ones); // m 1.5, w - 1.25
    await first.run(ones); // m 1.75, w - 2.125
    expect([...(await w.read('a')).data]).toEqual([-1.125, -0.125, 0.875, 1.875, 2.875, 3.875]);
    expect([...(await m.read('a')).data]).toEqual(Array(6).fill(1.75));
    await Promise.all([some, first, clipped, second].map((fn) => fn.dispose()));
  });

  it('read old values where one store has two names', async () => {
    const s = compiled.createStore({ a: matrix([1, 2, 3, 4, 5, 6]), b: matrix([0, 0, 0, 0, 0, 0]) });
    const run: TensorFunction = ({ now, old }, { x: input }) => {
      const moved = (value: tf.Tensor, by: tf.Tensor) => tf.sub(value, tf.mul(tf.add(tf.mul(value, 0.5), by), 2));
      return {
        outputs: { x: input! },
        updates: { now: { a: moved(now!['a']!, input!), b: moved(now!['b']!, old!['a']!) } },
      };
    };
    const fn = await compiled.compile(run, { name: 'twice', inputs: x, stores: { now: s, old: s } });
    await fn.run(ones);
    expect([...(await s.read('b')).data]).toEqual([-2, -4, -6, -8, -10, -12]);
    await fn.dispose();
  });

  it('may be entangled, or long, without end', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `t${index}`);
    const s = compiled.createStore(Object.fromEntries(names.map((name) => [name, matrix([1, 1, 1, 1, 1, 1])])));
    const pull: TensorFunction = ({ s: held }, { x: input }) => {
      const all = names.map((name) => held![name]!).reduce((sum, value) => tf.add(sum, value));
      const toward = (value: tf.Tensor) => tf.add(tf.mul(value, 0.5), tf.mul(tf.add(all, input!), 0.5));
      return { outputs: {}, updates: { s: Object.fromEntries(names.map((name) => [name, toward(held![name]!)])) } };
    };
    const long: TensorFunction = ({ s: held }, { x: input }) => {
      let value = held!['t0']!;
      for (let turn = 0; turn < 1000; turn++) value = tf.add(tf.mul(value, 0.5), input!);
      return { outputs: {}, updates: { s: { t0: value } } };
    };
    const pulled = await compiled.compile(pull, { name: 'pull', inputs: x, stores: { s } });
    await pulled.run(ones);
    expect([...(await s.read('t99')).data]).toEqual(Array(6).fill(51.5));
    const lengthened = await compiled.compile(long, { name: 'long', inputs: x, stores: { s } });
    await lengthened.run(ones);
    expect([...(await s.read('t0')).data]).toEqual(Array(6).fill(4));
    await Promise.all([pulled, lengthened].map((fn) => fn.dispose()));
  });

  it('are refused where a store is gone before its function is compiled', async () => {
    const { w, m } = stores();
    const bent: TensorFunction = (held, { x: input }) => step(held, { x: tf.tanh(input!) });
    const compiling = compiled.compile(bent, { name: 'late', inputs: x, stores: { w, m } });
    w.dispose();
    await expect(compiling).rejects.toMatchObject({ code: 'host.disposed' });
  });
});
