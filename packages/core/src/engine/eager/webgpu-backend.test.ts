import { engine as tensorflow, findBackend } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { graphicsProblem } from '../../../../../test/support/engine-kinds.ts';
import { createEagerEngine } from '../eager-engine.ts';

const webgpuOf = () => (globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu;
const wanted = () => ({ gpu: webgpuOf() !== undefined, buffers: 'GPUBuffer' in globalThis });
const spec = { shape: [3000], dtype: 'float32' } as const;

describe.skipIf(graphicsProblem !== undefined || webgpuOf() !== undefined)('the backend webgpu in Node.js', () => {
  it('has WebGPU in the global object as long as an engine uses it, and no longer', async () => {
    expect(wanted()).toEqual({ gpu: false, buffers: false });
    const [first, second] = [
      await createEagerEngine({ backend: 'webgpu' }),
      await createEagerEngine({ backend: 'webgpu' }),
    ];
    expect(wanted()).toEqual({ gpu: true, buffers: true });
    await first.dispose();
    await first.dispose();
    expect(wanted()).toEqual({ gpu: true, buffers: true });
    const run = await second.compile((_, { x }) => ({ outputs: { y: tf.neg(x!) } }), {
      name: 'f',
      inputs: { x: spec },
    });
    expect((await run.run({ x: new Float32Array(3000).fill(1) }))['y']!.data[2999]).toBe(-1);
    await second.dispose();
    expect(wanted()).toEqual({ gpu: false, buffers: false });
    expect(findBackend('webgpu')).toBeNull();
  });

  it('is not what TensorFlow.js takes for operations of a user who chose nothing', async () => {
    const engine = await createEagerEngine({ backend: 'webgpu' });
    expect(tensorflow().registryFactory['webgpu']!.priority).toBeLessThan(
      tensorflow().registryFactory['cpu']!.priority,
    );
    await engine.dispose();
  });

  it('refuses kernels it lacks, and functions that wait for values, by name', async () => {
    const engine = await createEagerEngine({ backend: 'webgpu' });
    const attempt = async (f: (x: tf.Tensor) => tf.Tensor) => {
      const run = await engine.compile((_, { x }) => ({ outputs: { y: f(x!) } }), { name: 'f', inputs: { x: spec } });
      return run.run({ x: new Float32Array(3000).fill(1) });
    };
    const bits = (x: tf.Tensor) =>
      tf.engine().runKernel('BitwiseAnd', { a: tf.cast(x, 'int32'), b: tf.cast(x, 'int32') });
    await expect(attempt((x) => bits(x) as tf.Tensor)).rejects.toMatchObject({
      code: 'engine.unsupported-op',
      place: 'engine.backend webgpu, kernel BitwiseAnd',
    });
    await expect(attempt((x) => tf.scalar(tf.neg(x).dataSync()[0]!))).rejects.toMatchObject({
      code: 'engine.unsupported-op',
      place: 'engine.backend webgpu, dataSync',
    });
    await engine.dispose();
  });

  it('says which device error made a run fail', async () => {
    const engine = await createEagerEngine({ backend: 'webgpu' });
    const padding: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ];
    const padded = (x: tf.Tensor) => tf.pad(tf.reshape(x, [2, 3, 5, 10, 10]), padding); // more dimensions than the shader has
    const run = await engine.compile((_, { x }) => ({ outputs: { y: padded(x!) } }), {
      name: 'f',
      inputs: { x: spec },
    });
    await expect(run.run({ x: new Float32Array(3000) })).rejects.toMatchObject({
      code: 'engine.failed',
      place: expect.stringMatching(/^engine\.backend webgpu on /),
      found: expect.stringMatching(/^Error while parsing WGSL: .*vec5.*$/),
    });
    await engine.dispose();
  });
});
