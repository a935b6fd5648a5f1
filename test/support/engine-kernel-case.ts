/**
 * What a test of recorded kernels consists of: random inputs together with a tensor function over them. Tables of such
 * cases lie beside this file, one for each file of kernels.
 */
import * as tf from '@tensorflow/tfjs-core';
import type fc from 'fast-check';
import type { HostTensor, NamedTensors } from '../../packages/core/src/contracts/index.ts';
import { traceBackendName } from '../../packages/core/src/engine/trace/trace-backend.ts';
import type { Tolerance } from './engine-closeness.ts';

/** One drawn example. */
interface KernelSample {
  readonly inputs: Readonly<Record<string, HostTensor>>;
  run(inputs: NamedTensors): NamedTensors;
}

/** A property: on every sample the compiled engine gives what the eager one gives. */
export interface KernelCase {
  /** Completes "agrees with the CPU backend on …". */
  readonly title: string;
  /** The TensorFlow.js kernels that every sample calls. */
  readonly kernels: readonly string[];
  readonly samples: fc.Arbitrary<KernelSample>;
  readonly tolerance?: Tolerance;
}

/** A function's result and, by names `d0 …`, its gradients for a fixed upstream gradient. */
export function withGradients(
  name: string,
  run: (...xs: tf.Tensor[]) => tf.Tensor,
  xs: readonly tf.Tensor[],
): NamedTensors {
  const value = run(...xs);
  const gradients = tf.grads(run)([...xs], upstream(value.shape));
  return Object.fromEntries([
    [name, value],
    ...gradients.map((gradient, index) => [`${name} d${index}`, gradient] as const),
  ]);
}

/** {@link withGradients} for several functions of the same tensors, by name. */
export function allWithGradients(
  functions: Readonly<Record<string, (...xs: tf.Tensor[]) => tf.Tensor>>,
  xs: readonly tf.Tensor[],
): NamedTensors {
  return Object.assign({}, ...Object.entries(functions).map(([name, run]) => withGradients(name, run, xs)));
}

/** The results of several functions of the same tensors, by name. */
export function all(
  functions: Readonly<Record<string, (...xs: tf.Tensor[]) => tf.Tensor>>,
  xs: readonly tf.Tensor[],
): NamedTensors {
  return Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, run(...xs)]));
}

/**
 * Calls a kernel directly while a function is traced, because no public operation of TensorFlow.js does, or not in this
 * way; gives the equivalent in eager execution, where the backend may lack the kernel.
 */
export function tracedKernel(
  kernel: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
  equivalent: () => tf.Tensor,
): tf.Tensor {
  if (tf.getBackend() !== traceBackendName) return equivalent();
  return tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor;
}

/** Numbers between -0.5 and 0.5, none of them zero, different along every axis. */
export function upstream(shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return tf.tensor(
    Array.from({ length: size }, (_, index) => (((index * 7) % 13) - 6.5) / 13),
    [...shape],
    'float32',
  );
}
