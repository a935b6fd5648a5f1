import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { float32, int32 } from '../../../../test/support/engine-host-tensor.ts';
import { engineKinds } from '../../../../test/support/engine-kinds.ts';
import { expectRefusal } from '../../../../test/support/engine-refusal.ts';
import type { Engine, TensorFunction, TensorSpec } from '../contracts/index.ts';
import { createCompiledEngine } from './compiled-engine.ts';
import { createEagerEngine } from './eager-engine.ts';

const matrix: TensorSpec = { shape: [2, 3], dtype: 'float32' };
const good = new Float32Array(6);
const double: TensorFunction = (_, { x }) => ({ outputs: { y: tf.mul(x!, 2) } });

describe.each(engineKinds)('the $kind engine', ({ create }) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await create();
  });
  afterEach(() => engine.dispose());

  const compile = (run = double) => engine.compile(run, { name: 'double', inputs: { x: matrix } });

  describe('refuses to be fed', () => {
    it('nothing', async () => {
      const run = await compile();
      await expectRefusal(
        () => run.run({}),
        'engine.feed-mismatch',
        'double, input x',
        'found nothing',
        'Float32Array of 6',
      );
    });

    it('an array of the wrong length', async () => {
      const run = await compile();
      for (const length of [0, 5, 7]) {
        await expectRefusal(
          () => run.run({ x: new Float32Array(length) }),
          'engine.feed-mismatch',
          'double, input x',
          `found Float32Array of ${length} elements`,
          'shape [2, 3]',
        );
      }
    });

    it('an array of the wrong type', async () => {
      const run = await compile();
      for (const wrong of [new Int32Array(6), new Uint8Array(6), new Float64Array(6), [1, 2, 3, 4, 5, 6]]) {
        await expectRefusal(
          () => run.run({ x: wrong as never }),
          'engine.feed-mismatch',
          'double, input x',
          `found ${wrong.constructor.name}`,
          'expected Float32Array',
        );
      }
    });

    it('a wrong array for an input that the function does not read', async () => {
      const run = await engine.compile(double, { name: 'double', inputs: { x: matrix, unread: matrix } });
      await expectRefusal(() => run.run({ x: good }), 'engine.feed-mismatch', 'input unread');
    });

    it('an input that the function was not compiled for', async () => {
      const run = await compile();
      await expectRefusal(() => run.run({ x: good, z: good }), 'engine.feed-mismatch', 'z');
    });
  });

  it('runs on after a feed was refused', async () => {
    const run = await compile();
    await expectRefusal(() => run.run({}), 'engine.feed-mismatch');
    expect((await run.run({ x: good.map(() => 1) }))['y']!.data).toEqual(good.map(() => 2));
  });

  it('refuses to write to a store what its tensors cannot hold', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    await expectRefusal(() => store.write('w', float32([3], [1, 2, 3])), 'engine.feed-mismatch', 'tensor store', 'w');
    await expectRefusal(
      () => store.write('w', int32([2], [1, 2])),
      'engine.feed-mismatch',
      'Int32Array',
      'Float32Array',
    );
    await expectRefusal(() => store.write('v', float32([2], [1, 2])), 'engine.feed-mismatch', 'tensor v', /one of w/);
    expect((await store.read('w')).data).toEqual(Float32Array.of(1, 2));
  });

  it('refuses to write a tensor of another shape, even where the number of elements is the same', async () => {
    const store = engine.createStore({ w: float32([2, 1], [1, 2]) });
    await expectRefusal(() => store.write('w', float32([1, 2], [3, 4])), 'engine.feed-mismatch', '[2, 1]', '[1, 2]');
  });

  it('refuses an update of a tensor the store does not hold, or with another shape or type', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    const updates: readonly Record<string, () => tf.Tensor>[] = [
      { v: () => tf.tensor1d([1, 2]) },
      { w: () => tf.tensor1d([1, 2, 3]) },
      { w: () => tf.tensor1d([1, 2], 'int32') },
    ];
    for (const update of updates) {
      await expectRefusal(async () => {
        const run = await engine.compile(
          () => ({
            outputs: {},
            updates: { s: Object.fromEntries(Object.entries(update).map(([name, make]) => [name, make()])) },
          }),
          { name: 'wrong', inputs: {}, stores: { s: store } },
        );
        await run.run({});
      }, 'engine.feed-mismatch');
      expect(await store.read('w')).toEqual(float32([2], [1, 2]));
    }
  });

  it.each([
    ['a store that the function does not have', 'z', 'w', [], /update of z\/w: found a store .* expected one of s/],
    ['a tensor that the store does not hold', 's', 'v', [], /update of s\/v: found a tensor .* expected one of w/],
    ['a frozen store', 's', 'w', ['s'], /update of s\/w: found a frozen store/],
  ])('refuses an update of %s', async (_, target, name, frozen, says) => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    await expectRefusal(
      async () => {
        const run = await engine.compile(
          () => ({ outputs: {}, updates: { [target]: { [name]: tf.tensor1d([3, 4]) } } }),
          { name: 'wrong', inputs: {}, stores: { s: store }, frozen },
        );
        await run.run({});
      },
      'engine.feed-mismatch',
      /^compiled function wrong, /,
      says,
    );
    expect(await store.read('w')).toEqual(float32([2], [1, 2]));
  });

  it.each(['input', 'update', 'a/b'])('refuses the store name %j, which means something else', async (name) => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    await expectRefusal(
      () => engine.compile(double, { name: 'double', inputs: { x: matrix }, stores: { [name]: store } }),
      'config.invalid',
      `double, stores: found the name "${name}"`,
    );
  });

  it('refuses stores of another kind of engine', async () => {
    const other = engine.name === 'eager' ? createCompiledEngine({ threads: 1 }) : await createEagerEngine();
    const stores = { s: other.createStore({ w: float32([2], [1, 2]) }) };
    await expectRefusal(
      () => engine.compile(double, { name: 'double', inputs: { x: matrix }, stores }),
      'config.invalid',
      'double, store s: found no store of an engine of this kind',
    );
    await other.dispose();
  });

  it('refuses to freeze a store that the function does not have', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    await expectRefusal(
      () => engine.compile(double, { name: 'double', inputs: { x: matrix }, stores: { s: store }, frozen: ['z'] }),
      'config.invalid',
      'double, frozen: found "z", expected one of s',
    );
  });

  it.each([
    { shape: [null, 3], dtype: 'float32' },
    { shape: [-1, 3], dtype: 'float32' },
    { shape: [2, 3], dtype: 'float64' },
    { dtype: 'float32' },
    undefined,
  ])('refuses to compile for an input of %j', async (spec) => {
    await expectRefusal(
      () => engine.compile(double, { name: 'double', inputs: { x: spec as never } }),
      'config.invalid',
      'double, input x',
      'a shape of whole numbers',
    );
  });

  it('refuses to create a store of tensors that are none', async () => {
    const wrong = [
      { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2) },
      { shape: [2], dtype: 'float32', data: Int32Array.of(1, 2) },
      { shape: [-1], dtype: 'float32', data: Float32Array.of(1, 2) },
      { shape: [2], dtype: 'string', data: ['a', 'b'] },
      { shape: [2], dtype: 'toString', data: Float32Array.of(1, 2) },
      { shape: [2], dtype: 'float32', data: null },
      { dtype: 'float32', data: Float32Array.of(1, 2) },
      undefined,
    ];
    for (const w of wrong) {
      await expectRefusal(() => engine.createStore({ w: w as never }), 'engine.feed-mismatch', 'tensor store', 'w');
    }
  });

  it.each([
    ['nothing', undefined, 'its result, outputs: found nothing'],
    ['a tensor alone', () => tf.scalar(1), 'its result, outputs: found nothing'],
    ['updates without outputs', () => ({ updates: {} }), 'its result, outputs: found nothing'],
    ['a tensor for all outputs', () => ({ outputs: tf.scalar(1) }), 'its result, outputs: found a object'],
    ['a number as an output', () => ({ outputs: { y: 3 } }), 'its result, outputs.y: found a number'],
    [
      'updates of a store called outputs alone',
      () => ({ updates: { outputs: { w: tf.scalar(1) } } }),
      'outputs: found',
    ],
    ['a tensor for all updates', () => ({ outputs: {}, updates: { s: tf.scalar(1) } }), 'its result, updates.s: found'],
    ['a missing output', () => ({ outputs: { y: undefined } }), 'its result, outputs.y: found nothing'],
  ])('refuses a function that returns %s', async (_, result, says) => {
    await expectRefusal(
      async () => {
        const run = await engine.compile(() => result?.() as never, { name: 'odd', inputs: {} });
        await run.run({});
      },
      'engine.untraceable',
      says,
      'Return { outputs:',
    );
  });

  it('refuses to read a tensor that the store does not hold', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    await expectRefusal(() => store.read('v'), 'engine.feed-mismatch', 'tensor v');
  });

  describe('after dispose', () => {
    it('of a function, refuses to run it, and does not mind a second dispose', async () => {
      const [ended, live] = [await compile(), await compile()];
      await ended.dispose();
      await ended.dispose();
      await expectRefusal(() => ended.run({ x: good }), 'host.disposed', 'double');
      expect((await live.run({ x: good }))['y']!.data).toEqual(good);
    });

    it('of the engine, refuses to run its functions', async () => {
      const run = await compile();
      await engine.dispose();
      await engine.dispose();
      await expectRefusal(() => run.run({ x: good }), 'host.disposed', 'double');
    });

    it('of the engine, refuses to compile and to create stores', async () => {
      await engine.dispose();
      await expectRefusal(() => compile(), 'host.disposed');
      await expectRefusal(() => engine.createStore({ w: float32([1], [1]) }), 'host.disposed');
    });

    it('of a store, refuses to read, write and run on it', async () => {
      const store = engine.createStore({ w: float32([1], [1]) });
      const run = await engine.compile(({ s }) => ({ outputs: { y: tf.add(s!['w']!, 1) } }), {
        name: 'reader',
        inputs: {},
        stores: { s: store },
      });
      store.dispose();
      store.dispose();
      await expectRefusal(() => store.read('w'), 'host.disposed', 'w');
      await expectRefusal(() => store.write('w', float32([1], [2])), 'host.disposed', 'w');
      await expectRefusal(() => run.run({}), 'host.disposed');
    });
  });
});

describe('the compiled engine', () => {
  let engine: Engine;
  beforeEach(() => {
    engine = createCompiledEngine({ threads: 1 });
  });
  afterEach(() => engine.dispose());

  const compile = (body: (x: tf.Tensor) => tf.Tensor) =>
    engine.compile((_, { x }) => ({ outputs: { y: body(x!) } }), { name: 'odd', inputs: { x: matrix } });

  it('names a TensorFlow.js kernel that it has no counterpart for', async () => {
    await expectRefusal(
      () => compile((x) => tf.fft(tf.complex(x, x))),
      'engine.unsupported-op',
      'odd',
      'Complex',
      'eager',
    );
  });

  it('refuses to read values while it traces', async () => {
    await expectRefusal(() => compile((x) => tf.scalar(x.dataSync()[0]!)), 'engine.untraceable', 'dataSync');
    await expectRefusal(() => compile((x) => tf.scalar((x.arraySync() as number[][])[0]![0]!)), 'engine.untraceable');
    await expectRefusal(() => compile((x) => tf.scalar(String(x).length)), 'engine.untraceable', 'print');
  });

  it('refuses a tensor made outside of the function', async () => {
    await tf.setBackend('cpu');
    const outside = tf.zeros([2, 3]);
    await expectRefusal(() => compile((x) => tf.add(x, outside)), 'engine.untraceable', 'made elsewhere');
    expect([...outside.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
    outside.dispose();
  });

  it('refuses a tensor of another trace, also where the new trace has a value of the same name', async () => {
    const leaked: tf.Tensor[] = [];
    await compile((x) => {
      leaked.push(tf.keep(tf.add(x, 1)));
      return leaked[0]!;
    });
    await expectRefusal(
      () => compile((x) => tf.neg(tf.mul(tf.add(x, 2), leaked[0]!))),
      'engine.untraceable',
      'made elsewhere',
    );
    leaked[0]!.dispose();
  });

  it('says what to check where the numbers that a run is fed do not fit', async () => {
    const run = await engine.compile(
      (_, { ids }) => ({ outputs: { y: tf.gather(tf.ones([3]), ids as tf.Tensor1D) } }),
      {
        name: 'picked',
        inputs: { ids: { shape: [1], dtype: 'int32' } },
      },
    );
    await expectRefusal(
      () => run.run({ ids: Int32Array.of(7) }),
      'engine.failed',
      'picked, a run',
      'positions to look up',
    );
    expect((await run.run({ ids: Int32Array.of(2) }))['y']!.data).toEqual(Float32Array.of(1));
  });

  it('refuses what is still being compiled when it is disposed of, and releases it', async () => {
    const late = compile((x) => tf.neg(x));
    await engine.dispose();
    await expectRefusal(() => late, 'host.disposed', 'compiled engine');
  });

  it.each([0, -3, 1.5, Number.NaN, '2'])('refuses %j threads', async (threads) => {
    await expectRefusal(() => createCompiledEngine({ threads: threads as number }), 'config.invalid', 'threads');
  });

  it('refuses constants of a type that the engine does not carry', async () => {
    await expectRefusal(
      () => compile((x) => tf.concat([x, tf.tensor2d([['a']], [1, 1], 'string')])),
      'engine.untraceable',
      'string',
    );
  });
});

describe('the eager engine', () => {
  it('refuses a backend that nobody registered, naming it', async () => {
    await expectRefusal(
      () => createEagerEngine({ backend: 'abacus' }),
      'engine.unavailable',
      'abacus',
      'registers the backend',
    );
  });
});
