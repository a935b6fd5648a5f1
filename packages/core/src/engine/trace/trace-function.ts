/**
 * Traces a tensor function to a graph: calls it once with tensors that stand for its inputs and records what it does.
 * Inputs appear in the graph as `input/<name>`, tensors of a store as `<store>/<tensor>`; results as `output/<name>`
 * and `update/<store>/<tensor>`.
 */
import { engine, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { TensorFunction } from '../../contracts/engine.ts';
import type { HostTensor, NamedTensors, TensorSpec } from '../../contracts/tensors.ts';
import { TransfuseError } from '../../errors/index.ts';
import type { OnnxGraph } from '../onnx/graph.ts';
import { registerGradients } from '../register-gradients.ts';
import { withBackend } from '../with-backend.ts';
import './elementwise-kernels.ts';
import './product-kernels.ts';
import './shape-kernels.ts';
import { traceBackend, traceBackendName } from './trace-backend.ts';

/** What a function is traced with. */
export interface TraceSignature {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly stores: Readonly<Record<string, Readonly<Record<string, TensorSpec>>>>;
  /** Values of stores that become constants of the graph, by store and tensor name. */
  readonly constants: Readonly<Record<string, Readonly<Record<string, HostTensor>>>>;
}

/** Records `run` as a graph. Throws `engine.unsupported-op` or `engine.untraceable`. */
export function traceFunction(run: TensorFunction, signature: TraceSignature): OnnxGraph {
  registerGradients();
  const backend = traceBackend();
  return withBackend(traceBackendName, () =>
    backend.record(signature.name, (graph) => {
      const value = (name: string, spec: TensorSpec): Tensor =>
        backend.tensor(graph.input(name, spec.shape, spec.dtype), spec.shape, spec.dtype);
      const scope = `trace ${signature.name}`;
      engine().startScope(scope);
      try {
        const inputs = mapEntries(signature.inputs, (spec, name) => value(`input/${name}`, spec));
        const stores = mapEntries(signature.stores, (specs, store) =>
          mapEntries(specs, (spec, name) => {
            const constant = signature.constants[store]?.[name];
            if (constant === undefined) return value(`${store}/${name}`, spec);
            return backend.tensor(graph.constant(constant), spec.shape, spec.dtype);
          }),
        );
        const result = call(run, stores, inputs, signature.name);
        const named = (prefix: string, tensors: NamedTensors) =>
          Object.entries(tensors).map(([name, tensor]) => ({
            name: `${prefix}/${name}`,
            value: backend.nameOf(tensor),
            shape: tensor.shape,
            dtype: tensor.dtype as TensorSpec['dtype'],
          }));
        return graph.finish([
          ...named('output', result.outputs),
          ...Object.entries(result.updates ?? {}).flatMap(([store, tensors]) => named(`update/${store}`, tensors)),
        ]);
      } finally {
        engine().endScope();
      }
    }),
  );
}

function call(
  run: TensorFunction,
  stores: Parameters<TensorFunction>[0],
  inputs: NamedTensors,
  name: string,
): ReturnType<TensorFunction> {
  try {
    return tidy(() => run(stores, inputs) as never) as ReturnType<TensorFunction>;
  } catch (cause) {
    if (cause instanceof TransfuseError) throw cause;
    const kernel = /Kernel '([^']+)' not registered/.exec(String(cause))?.[1];
    if (kernel === undefined) throw cause;
    throw new TransfuseError({
      code: 'engine.unsupported-op',
      place: `compiled function ${name}${callerLine(cause)}`,
      found: `the TensorFlow.js kernel ${kernel}`,
      expected: 'a kernel with a compiled counterpart',
      mend: 'Write the operation with other ops, or choose the eager engine (engine: { name: "eager" }).',
      cause,
    });
  }
}

function callerLine(cause: unknown): string {
  const line = String((cause as Error).stack)
    .split('\n')
    .find((entry) => entry.includes('file:') && !/tfjs|trace-|with-backend/.test(entry));
  return line === undefined ? '' : ` ${line.trim()}`;
}

/** A record with the same keys and mapped values. */
export function mapEntries<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, name: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
