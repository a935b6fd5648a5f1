/** Runs a tensor function once on named arrays, through an engine. */
import type { Engine, HostTensor, NamedTensors, TensorSpec } from '@transfuse/core/contracts';

/** Compiles, runs and disposes; returns the outputs by name. */
export async function runOnce(
  engine: Engine,
  f: (inputs: NamedTensors) => NamedTensors,
  tensors: Readonly<Record<string, HostTensor>>,
): Promise<Readonly<Record<string, HostTensor>>> {
  const compiled = await engine.compile((_, inputs) => ({ outputs: f(inputs) }), {
    name: 'once',
    inputs: specsOf(tensors),
  });
  const outputs = await compiled.run(dataOf(tensors));
  await compiled.dispose();
  return outputs;
}

/** Shapes and types of arrays. */
function specsOf(tensors: Readonly<Record<string, HostTensor>>): Record<string, TensorSpec> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}

/** The arrays alone. */
function dataOf(tensors: Readonly<Record<string, HostTensor>>): Record<string, HostTensor['data']> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
}
