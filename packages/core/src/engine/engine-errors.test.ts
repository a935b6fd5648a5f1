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

  it('refuses to read a tensor that the store does not hold', async () => {
    const store = engine.createStore({ w: float32([2], [1, 2]) });
    await expectRefusal(() => store.read('v'), 'engine.feed-mismatch', 'tensor v');
  });

  it('passes on what the function itself throws, and changes no store', async () => {
    const store = engine.createStore({ w: float32([1], [1]) });
    const failing = async () => {
      const run = await engine.compile(
        ({ s }) => {
          tf.add(s!['w']!, 1);
          throw new RangeError('of the function');
        },
        { name: 'failing', inputs: {}, stores: { s: store } },
      );
      await run.run({});
    };
    await expect(failing()).rejects.toThrow(new RangeError('of the function'));
    expect((await store.read('w')).data).toEqual(Float32Array.of(1));
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
