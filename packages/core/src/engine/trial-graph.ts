/** The smallest graph there is, to find out whether a provider computes at all: `y = x + x`. */
import type { OnnxGraph } from './onnx/graph.ts';
import type { RuntimeSession, TensorRuntime } from './onnx-runtime.ts';

const value = { shape: [1], dtype: 'float32' } as const;

/** Adds a number to itself. */
export const trialGraph: OnnxGraph = {
  name: 'trial',
  nodes: [{ op: 'Add', domain: '', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
  initializers: [],
  inputs: [{ ...value, name: 'x' }],
  outputs: [{ ...value, name: 'y' }],
  work: 0,
};

/** Runs a session of {@link trialGraph} once and releases it; throws where the sum is wrong. */
export async function runTrial(session: RuntimeSession, runtime: TensorRuntime): Promise<void> {
  const { y } = await session.run({ x: runtime.tensor(value.dtype, value.shape, Float32Array.of(1)) }, { y: null });
  await session.release();
  const sum = (y?.data as Float32Array | undefined)?.[0];
  if (sum !== 2) throw new Error(`1 + 1 was ${sum}`);
}
