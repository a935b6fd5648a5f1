/**
 * Says whether two tensors hold the same numbers: floats within a tolerance, integers and booleans exactly. The
 * tolerance has a part relative to each element and a part relative to the largest one, because an element that is a
 * small difference of large terms carries the rounding of those terms.
 */
import { expect } from 'vitest';
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';

/** How far two float tensors may be apart. */
export interface Tolerance {
  /** Times the element's own magnitude; default 1e-5. */
  readonly relative?: number;
  /** Times the largest magnitude in the tensor, or 1 if that is larger; default 1e-6. */
  readonly absolute?: number;
}

/** Fails the test, naming the worst element, where `actual` is not `expected`. */
export function expectClose(
  actual: HostTensor | undefined,
  expected: HostTensor,
  what: string,
  options: Tolerance = {},
) {
  if (actual === undefined) throw new Error(`${what} is missing`);
  expect({ what, shape: actual.shape, dtype: actual.dtype }).toEqual({
    what,
    shape: expected.shape,
    dtype: expected.dtype,
  });
  expect(actual.data.length, `${what}: number of elements`).toBe(expected.data.length);
  const exact = expected.dtype !== 'float32';
  const relative = exact ? 0 : (options.relative ?? 1e-5);
  const finite = Array.from(expected.data, Math.abs).filter(Number.isFinite);
  const floor = exact ? 0 : (options.absolute ?? 1e-6) * Math.max(1, ...finite);
  expected.data.forEach((wanted, index) => {
    const found = actual.data[index]!;
    const same = Object.is(found, wanted) || Math.abs(found - wanted) <= relative * Math.abs(wanted) + floor;
    if (!same)
      throw new Error(`${what}, element ${index} of [${expected.shape.join(', ')}]: ${found} is not ${wanted}`);
  });
}

/** {@link expectClose} for every tensor of two results. */
export function expectAllClose(
  actual: Readonly<Record<string, HostTensor>>,
  expected: Readonly<Record<string, HostTensor>>,
  options: Tolerance = {},
) {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, tensor] of Object.entries(expected)) expectClose(actual[name], tensor, name, options);
}
