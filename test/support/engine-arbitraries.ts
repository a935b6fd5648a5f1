/**
 * Random shapes and tensors for property-based tests of the engines. Values lie on a coarse grid, so that they are
 * exact in 32 bits, ties happen, and no element is so small that only its rounding is left.
 */
import fc from 'fast-check';
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Shapes of small tensors; sizes from 1. */
export function shapes(
  options: { readonly minRank?: number; readonly maxRank?: number; readonly maxSize?: number } = {},
) {
  const { minRank = 0, maxRank = 4, maxSize = 4 } = options;
  return fc.array(fc.integer({ min: 1, max: maxSize }), { minLength: minRank, maxLength: maxRank });
}

/** Two shapes that broadcast together: sizes of the first replaced by 1 and leading ones dropped, on either side. */
export const broadcastPairs: fc.Arbitrary<readonly [number[], number[]]> = shapes().chain((shape) => {
  const reduced = fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
    .map(([flat, dropped]) => shape.map((size, axis) => (flat[axis] ? 1 : size)).slice(dropped));
  return fc
    .tuple(reduced, reduced, fc.boolean())
    .map(([left, right, whole]) => (whole ? ([shape, right] as const) : ([left, right] as const)));
});

/** Float tensors with values in steps of `step` from `min` to `max`. */
export function floats(
  shape: readonly number[],
  options: { readonly min?: number; readonly max?: number; readonly step?: number } = {},
): fc.Arbitrary<HostTensor> {
  const { min = -4, max = 4, step = 1 / 256 } = options;
  return fc
    .array(fc.integer({ min: Math.ceil(min / step), max: Math.floor(max / step) }), fixed(shape))
    .map((values) => ({ data: Float32Array.from(values, (value) => value * step), shape, dtype: 'float32' }));
}

/** Integer tensors with values from `min` to `max`. */
export function integers(
  shape: readonly number[],
  { min = -5, max = 5 }: { readonly min?: number; readonly max?: number } = {},
): fc.Arbitrary<HostTensor> {
  return fc
    .array(fc.integer({ min, max }), fixed(shape))
    .map((values) => ({ data: Int32Array.from(values), shape, dtype: 'int32' }));
}

export function booleans(shape: readonly number[]): fc.Arbitrary<HostTensor> {
  return fc
    .array(fc.boolean(), fixed(shape))
    .map((values) => ({ data: Uint8Array.from(values, Number), shape, dtype: 'bool' }));
}

/** Tensors of any element type. */
export function anyTensors(shape: readonly number[]): fc.Arbitrary<HostTensor> {
  return fc.oneof(floats(shape), integers(shape), booleans(shape));
}

const fixed = (shape: readonly number[]) => ({ minLength: count(shape), maxLength: count(shape) });
