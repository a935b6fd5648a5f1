import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it, vi } from 'vitest';
import { borrowKernels } from './borrowed-kernels.ts';

/** A backend that holds tensors and has one kernel of its own. */
class Holder extends tf.KernelBackend {
  readonly #values = new Map<object, tf.BackendValues>();
  override write(values: tf.BackendValues, _shape: number[], _dtype: tf.DataType): object {
    const id = {};
    this.#values.set(id, values);
    return id;
  }
  override move(id: object, values: tf.BackendValues): void {
    this.#values.set(id, values);
  }
  override readSync(id: object): tf.BackendValues {
    return this.#values.get(id)!;
  }
  override read = async (id: object) => this.readSync(id);
  override disposeData = (id: object): boolean => this.#values.delete(id);
  override incRef(): void {}
  override refCount = (): number => 1;
  override numDataIds = (): number => this.#values.size;
  override memory = () => ({ unreliable: true });
  override floatPrecision = (): 32 => 32;
  override epsilon = (): number => 1e-7;
}

const own = vi.fn<tf.KernelFunc>(({ inputs }) => inputs['x'] as tf.TensorInfo);
beforeAll(async () => {
  tf.registerBackend('holder', () => new Holder());
  tf.registerKernel({ kernelName: 'Neg', backendName: 'holder', kernelFunc: own });
  borrowKernels('holder');
  await tf.setBackend('holder');
});

it('a kernel that the backend lacks computes as on the CPU backend, and the results are the backend’s', () => {
  const sum = tf.add(tf.tensor1d([1, 2]), tf.tensor1d([10, 20]));
  expect(sum.dtype).toBe('float32');
  expect([...sum.dataSync()]).toEqual([11, 22]);
  expect([...tf.square(sum).dataSync()]).toEqual([121, 484]);
  expect(tf.getBackend()).toBe('holder');
});

it('kernels with lists of inputs and with several results are borrowed too', () => {
  const joined = tf.concat([tf.tensor1d([3, 1]), tf.tensor1d([2])]);
  const { values, indices } = tf.topk(joined as tf.Tensor1D, 2);
  expect([...values.dataSync(), ...indices.dataSync(), indices.dtype]).toEqual([3, 2, 0, 2, 'int32']);
});

it('leaves no tensor behind on the CPU backend', () => {
  const [x, y] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
  const before = tf.memory().numTensors;
  tf.mul(x, y).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('leaves the kernels that are there alone', () => {
  tf.neg(tf.tensor1d([1]));
  expect(own).toHaveBeenCalledOnce();
});
