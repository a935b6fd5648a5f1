import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../../../test/support/engine-host-tensor.ts';
import { wave } from '../../../../test/support/tiny-numbers.ts';
import type { CompileOptions, TensorFunction } from '../contracts/engine.ts';
import { createEagerEngine } from './eager-engine.ts';
import { checkFileSize, type ExportedFunction, exportFunction, type ExportOptions } from './export-function.ts';
import { rmsNormalize } from './primitives/rms-normalize.ts';
import { rotate } from './primitives/rotate.ts';
import { swiglu } from './primitives/swiglu.ts';

const eager = await createEagerEngine();
const [length, heads, size] = [5, 2, 8];
const weights = float32([heads * size, 40], wave(2, heads * size * 40));
const model = eager.createStore({ w: weights, unused: float32([3], [1, 2, 3]) });
const inputs: CompileOptions['inputs'] = {
  x: { shape: [1, length, heads, size], dtype: 'float32' },
  positions: { shape: [1, length], dtype: 'int32' },
  ignored: { shape: [4], dtype: 'float32' },
};
const table = (of: (angle: number) => number) =>
  tf.tensor2d(
    Array.from({ length: 16 * (size / 2) }, (_, at) => of(Math.floor(at / (size / 2)) * 3 ** -(at % (size / 2)))),
    [16, size / 2],
  );

/** Everything that ONNX Runtime has operators of its own for: norm, rotation, gated activation, transposed products. */
const attentive: TensorFunction = ({ model: { w } = {} }, { x, positions }) => {
  const turned = rotate(rmsNormalize(x!, 1e-5), positions!, { cosine: table(Math.cos), sine: table(Math.sin) });
  const flat = tf.reshape(turned, [length, heads * size]);
  const hidden = tf.matMul(flat as tf.Tensor2D, w as tf.Tensor2D);
  const back = tf.matMul(swiglu(hidden, tf.neg(hidden)), w!, false, true);
  const scores = tf.matMul(tf.transpose(turned, [0, 2, 1, 3]), tf.transpose(turned, [0, 2, 1, 3]), false, true);
  return {
    outputs: { back, scores, gram: tf.matMul(back, back, true, false) },
    updates: { model: { w: tf.mul(w!, 2) } },
  };
};
const options: ExportOptions = { name: 'attentive', inputs, stores: { model } };
const x = wave(1, length * heads * size);
const positions = Int32Array.of(3, 1, 4, 1, 5);

async function run({ model: bytes }: ExportedFunction, more: Readonly<Record<string, ort.Tensor>> = {}) {
  const session = await ort.InferenceSession.create(bytes);
  const results = await session.run({
    'input/x': new ort.Tensor(x, [1, length, heads, size]),
    'input/positions': new ort.Tensor(positions, [1, length]),
    ...more,
  });
  await session.release();
  return results;
}

async function expectEagerResults(found: Awaited<ReturnType<typeof run>>, within = 1e-4) {
  const reference = await eager.compile((stores, given) => ({ outputs: attentive(stores, given).outputs }), options);
  for (const [name, { data }] of Object.entries(await reference.run({ x, positions, ignored: new Float32Array(4) }))) {
    const values = found[`output/${name}`]!.data as Float32Array;
    const scale = Math.max(...data.map(Math.abs));
    values.forEach((value, index) => expect(Math.abs(value - data[index]!) / scale).toBeLessThan(within));
  }
}

describe('an exported function', () => {
  it.each(['runtime', 'portable'] as const)('gives what it gives in an engine, in %s operators', async (operators) => {
    const exported = await exportFunction(attentive, { ...options, frozen: ['model'], operators });
    await expectEagerResults(await run(exported));
  });

  it('names what is fed and what comes out, and leaves out what nothing depends on', async () => {
    const exported = await exportFunction(attentive, options);
    expect(exported.inputs.map(({ name }) => name)).toEqual(['input/x', 'input/positions', 'model/w']);
    expect(exported.outputs).toEqual([
      { name: 'output/back', shape: [length, heads * size], dtype: 'float32' },
      { name: 'output/scores', shape: [1, heads, length, length], dtype: 'float32' },
      { name: 'output/gram', shape: [heads * size, heads * size], dtype: 'float32' },
      { name: 'update/model/w', shape: [heads * size, 40], dtype: 'float32' },
    ]);
  });

  it('takes the tensors of stores that are not frozen as inputs', async () => {
    const exported = await exportFunction(attentive, { ...options, operators: 'portable' });
    expect(exported.model.length).toBeLessThan(weights.data.byteLength + 16_000);
    await expectEagerResults(
      await run(exported, { 'model/w': new ort.Tensor(weights.data as Float32Array, weights.shape) }),
    );
  });

  it('has only standard operators in its portable form', async () => {
    for (const format of ['float32', 'float16', 'int8', 'int4'] as const) {
      const { model: bytes } = await exportFunction(attentive, {
        ...options,
        frozen: ['model'],
        weights: format,
        operators: 'portable',
      });
      const text = new TextDecoder('latin1').decode(bytes);
      expect(text).not.toMatch(/com\.microsoft|SimplifiedLayerNormalization|MatMulNBits/);
    }
  });

  it('gives nearly the same with frozen weights stored smaller', async () => {
    for (const format of ['float32', 'float16', 'int8', 'int4'] as const) {
      const exported = await exportFunction(attentive, { ...options, frozen: ['model'], weights: format });
      await expectEagerResults(await run(exported), format === 'int4' ? 0.5 : 0.05);
    }
  });
});

describe('exporting refuses', () => {
  it('smaller weights that are not frozen', async () => {
    await expect(exportFunction(attentive, { ...options, weights: 'int8' })).rejects.toMatchObject({
      code: 'config.invalid',
    });
  });

  it('more constants than a file can hold', () => {
    const bytes = { length: 1.2 * 2 ** 30 } as Uint8Array;
    const constant = { name: 'c', dtype: 'float32', shape: [], bytes } as const;
    expect(() => checkFileSize({ name: 'wide', initializers: [constant, constant] })).toThrow(
      'export of wide: found 2.4 GiB of constants, expected at most 2 GiB',
    );
    expect(() => checkFileSize({ name: 'narrow', initializers: [constant] })).not.toThrow();
  });
});
