/**
 * Deterministic numbers for tiny models. `wave` is also written in `test/reference/transfusion_loss.py`: both
 * languages must compute the same, so neither is changed alone.
 */
import type { HostTensor, ParameterSpec } from '@transfuse/core/contracts';

/** Numbers of irregular sign in [-1, 1], decided by the stream's number. */
export function wave(stream: number, count: number, amplitude = 1): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, index) => amplitude * Math.sin(1.3 * (stream + 1) + 0.37 * index + 0.011 * index * index),
  );
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

const lookUpTables = /(^|\.)(embedding|rows|columns)\.weight$/;

/**
 * Weights of every size and sign, large enough that each layer matters: one stream of {@link wave} per parameter in
 * alphabetical order; gains around 1, small biases, look-up tables up to 1, matrices by their number of inputs.
 */
export function waveParameters(spec: ParameterSpec): Record<string, HostTensor> {
  const streams = new Map(
    Object.keys(spec)
      .toSorted()
      .map((name, stream) => [name, stream]),
  );
  return Object.fromEntries(
    Object.entries(spec).map(([name, { shape }]) => {
      const stream = streams.get(name)!;
      const plain = { shape, dtype: 'float32' as const };
      if (name.endsWith('norm.weight')) {
        const data = Float32Array.from(
          { length: sizeOf(shape) },
          (_, index) => 1 + 0.2 * Math.sin(1.3 * (stream + 1) + 0.37 * index + 0.011 * index * index),
        );
        return [name, { ...plain, data }];
      }
      const amplitude = name.endsWith('.bias') ? 0.1 : lookUpTables.test(name) ? 1 : Math.sqrt(2 / shape[0]!);
      return [name, { ...plain, data: wave(stream, sizeOf(shape), amplitude) }];
    }),
  );
}

/** Arrays of zeros of the same shapes. */
export function zerosLike(tensors: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }]) => [
      name,
      { shape, dtype: 'float32' as const, data: new Float32Array(sizeOf(shape)) },
    ]),
  );
}

/** Largest absolute difference of two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = Math.abs(a[index]! - b[index]!);
    if (!(difference <= largest)) largest = difference; // NaN is a difference too
  }
  return largest;
}
