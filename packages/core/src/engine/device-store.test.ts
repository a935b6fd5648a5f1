import * as ort from 'onnxruntime-node';
import { expect, it, vi } from 'vitest';
import { createDeviceStore } from './device-store.ts';
import type { InTurn } from './in-turn.ts';
import { nodeRuntime } from './node-runtime.ts';
import type { RuntimeTensor } from './onnx-runtime.ts';

const float32 = (...values: number[]) => ({
  data: Float32Array.from(values),
  shape: [values.length],
  dtype: 'float32' as const,
});

/** A result as if on a device: reading it goes through the download alone. */
const result = (...values: number[]) => {
  const tensor = new ort.Tensor('float32', Float32Array.from(values), [values.length]);
  return Object.assign(tensor, { dispose: vi.fn<() => void>() });
};

function createStore() {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: InTurn = (act) => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };
  const download = vi.fn<(tensor: RuntimeTensor) => Promise<Float32Array>>(async (tensor) => {
    return (tensor.data as Float32Array).slice();
  });
  const flag = { data: Uint8Array.of(1), shape: [1], dtype: 'bool' as const };
  const store = createDeviceStore(
    { w: float32(1, 2), flag, none: float32() },
    { runtime: nodeRuntime, download, inTurn },
  );
  return { store, download, settled: () => last };
}

it('only tensors of floats that have elements stay on the device', () => {
  const { store } = createStore();
  expect(store.target('w')).toBeNull();
  expect([store.target('flag'), store.target('none')]).toEqual([expect.any(ort.Tensor), expect.any(ort.Tensor)]);
});

it('values come back only where they are asked for', async () => {
  const { store, download } = createStore();
  expect((await store.read('w')).data).toEqual(Float32Array.of(1, 2));
  expect(download).not.toHaveBeenCalled();
  const next = result(3, 4);
  store.take('w', next, () => {});
  expect(store.current('w')).toBe(next);
  expect((await store.read('w')).data).toEqual(Float32Array.of(3, 4));
  expect(download).toHaveBeenCalledOnce();
  await store.settle();
  expect(store.borrow('w').data).toEqual(Float32Array.of(3, 4));
});

it('what is replaced is let go of, after the reads that were started with it', async () => {
  const { store, settled } = createStore();
  const [first, second] = [result(3, 4), result(5, 6)];
  const done = vi.fn<() => void>();
  store.take('w', first, done);
  const reading = store.read('w');
  store.take('w', second, done);
  expect(first.dispose).not.toHaveBeenCalled();
  expect((await reading).data).toEqual(Float32Array.of(3, 4));
  await settled();
  expect(first.dispose).toHaveBeenCalledOnce();
  store.write('w', float32(7, 8));
  expect((await store.read('w')).data).toEqual(Float32Array.of(7, 8));
  await settled();
  expect(second.dispose).toHaveBeenCalledOnce();
  expect(done).toHaveBeenCalledTimes(2);
});

it('a store that is disposed of lets go of everything, also of what a run brings afterwards', async () => {
  const { store, settled } = createStore();
  const [held, late] = [result(3, 4), result(5, 6)];
  store.take('w', held, () => {});
  store.dispose();
  store.take('w', late, () => {});
  await settled();
  expect([held.dispose, late.dispose].map((dispose) => dispose.mock.calls.length)).toEqual([1, 1]);
  await expect(store.read('w')).rejects.toMatchObject({ code: 'host.disposed' });
});
