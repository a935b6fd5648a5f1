import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph } from './onnx/graph.ts';
import { webgpuGraph } from './webgpu-graph.ts';

const gain = {
  name: 'gain',
  shape: [4],
  dtype: 'float32',
  bytes: new Uint8Array(Float32Array.of(1, 1, 1, 1).buffer),
} as const;
const graph = (outputs: readonly string[]): OnnxGraph => ({
  name: 'norm',
  nodes: [
    {
      op: 'SimplifiedLayerNormalization',
      domain: '',
      inputs: ['x', 'gain'],
      outputs,
      attributes: { axis: { int: -1 }, epsilon: { float: 1e-3 }, stash_type: { int: 1 } },
    },
  ],
  initializers: [gain],
  inputs: [{ name: 'x', shape: [2, 4], dtype: 'float32' }],
  outputs: outputs.map((name, index) => ({ name, shape: [2, index === 0 ? 4 : 1], dtype: 'float32' as const })),
  work: 0,
});

async function run(
  given: OnnxGraph,
  values = Float32Array.of(1, -2, 3, 4, 0, 0, 0.01, 0),
): Promise<Record<string, number[]>> {
  const session = await ort.InferenceSession.create(encodeOnnx(given), { executionProviders: ['cpu'] });
  const x = new ort.Tensor('float32', values, [2, 4]);
  const results = await session.run({ x });
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]));
}

describe('a graph for the WebGPU provider', () => {
  it('computes the factor of a norm beside the norm, and both as before', async () => {
    const rewritten = webgpuGraph(graph(['y', 'factor']));
    expect(rewritten.nodes.every(({ outputs }) => outputs.length === 1)).toBe(true);
    const [before, after] = [await run(graph(['y', 'factor'])), await run(rewritten)];
    expect(after['y']).toEqual(before['y']);
    expect(after['factor']).toHaveLength(2);
    after['factor']!.forEach((value, index) => expect(value).toBeCloseTo(before['factor']![index]!, 5));
  });

  it('is the very same where nothing asks for the factor', () => {
    const plain = graph(['y']);
    expect(webgpuGraph(plain)).toBe(plain);
  });

  it('computes the logarithm of a softmax in operators that the provider has, large logits included', async () => {
    const plain: OnnxGraph = {
      ...graph(['y']),
      nodes: [{ op: 'LogSoftmax', domain: '', inputs: ['x'], outputs: ['y'], attributes: { axis: { int: -1 } } }],
      initializers: [],
    };
    const rewritten = webgpuGraph(plain);
    expect(rewritten.nodes.map(({ op }) => op)).not.toContain('LogSoftmax');
    const logits = Float32Array.of(1, -2, 3, 4, 3e4, -3e4, 2.9999e4, 0);
    const [before, after] = [await run(plain, logits), await run(rewritten, logits)];
    after['y']!.forEach((value, index) => expect(value).toBeCloseTo(before['y']![index]!, 4));
  });
});
