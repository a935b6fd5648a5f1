/** Short ways to write tensors in tests. */
import type { HostTensor } from '../../packages/core/src/contracts/index.ts';

export function float32(shape: readonly number[], values: readonly number[]): HostTensor {
  return { data: Float32Array.from(values), shape, dtype: 'float32' };
}

export function int32(shape: readonly number[], values: readonly number[]): HostTensor {
  return { data: Int32Array.from(values), shape, dtype: 'int32' };
}
