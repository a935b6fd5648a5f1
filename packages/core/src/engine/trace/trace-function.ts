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
import { checkResult } from '../check-compile.ts';
import { registerGradients } from '../register-gradients.ts';
import { withBackend } from '../with-backend.ts';
import './traced-kernels.ts';
import { withoutMathRandom } from './randomness.ts';
import { withSourceLines } from './gradient-lines.ts';
import { traceBackend, traceBackendName } from './trace-backend.ts';
import { untracedKernel } from './untraced-kernels.ts';
import { isFromOperations, userLine, withDeepStacks } from './user-line.ts';

/** What a function is traced with. */
export interface TraceSignature {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly stores: Readonly<Record<string, Readonly<Record<string, TensorSpec>>>>;
  /** Values of stores that become constants of the graph, by store and tensor name; borrowed until it is encoded. */
  readonly constants: Readonly<Record<string, Readonly<Record<string, HostTensor>>>>;
  /** Whether nodes carry the line of user code that made them; default `none`, because reading it takes time. */
  readonly lines?: 'recorded' | 'none';
}

/** Records `run` as a graph. Throws `engine.unsupported-op` or `engine.untraceable`. */
export function traceFunction(run: TensorFunction, signature: TraceSignature): OnnxGraph {
  registerGradients();
  if (signature.lines === 'recorded') return withSourceLines((lineOf) => record(run, signature, lineOf));
  return record(run, signature);
}

function record(run: TensorFunction, signature: TraceSignature, lineOf?: () => string | undefined): OnnxGraph {
  const backend = traceBackend();
  return withBackend(traceBackendName, () =>
    backend.record(signature.name, (graph) => {
      if (lineOf !== undefined) graph.recordLines(lineOf);
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
            return backend.tensor(graph.borrowedConstant(constant), spec.shape, spec.dtype);
          }),
        );
        const result = call(signature.name, run, stores, inputs);
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
  name: string,
  run: TensorFunction,
  stores: Parameters<TensorFunction>[0],
  inputs: NamedTensors,
): ReturnType<TensorFunction> {
  const backend = traceBackend();
  const synchronously = () => {
    const result: unknown = run(stores, inputs);
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
      checkResult(name, result);
      return result as never;
    }
    void Promise.resolve(result).catch(() => undefined); // whatever comes of it, the trace is refused
    throw backend.refuse({
      found: 'a function that returns a promise',
      expected: 'a synchronous function, with shapes that the shapes of the inputs decide',
      mend: 'Await values outside and pass them in as inputs, or choose the eager engine (engine: { name: "eager" }).',
    });
  };
  try {
    return withDeepStacks(() =>
      withoutMathRandom(
        () => backend.refuseRandomness('Math.random, which tf.randomNormal and the like draw their seed from'),
        () => tidy(synchronously),
      ),
    ) as ReturnType<TensorFunction>;
  } catch (cause) {
    throw refusalOf(cause);
  }
}

/**
 * TensorFlow.js's complaint about a kernel that is not recorded, as an error that names it; what TensorFlow.js or a kernel
 * finds wrong, as an error that names the line; errors of the function's own as they are.
 */
function refusalOf(cause: unknown): unknown {
  if (cause instanceof TransfuseError || !(cause instanceof Error)) return cause;
  const stack = String(cause.stack);
  const place = traceBackend().place(userLine(stack));
  const kernel = /Kernel '([^']+)' not registered/.exec(cause.message)?.[1];
  if (kernel === undefined) {
    if (!isFromOperations(stack)) return cause;
    return new TransfuseError({
      code: 'engine.untraceable',
      place,
      found: cause.message,
      expected: 'operations whose operands fit together',
      mend: 'Correct the operation at this line; the eager engine (engine: { name: "eager" }) says whether it works there.',
      cause,
    });
  }
  const { code, reason, instead } = untracedKernel(kernel);
  return new TransfuseError({
    code,
    place,
    found: `the TensorFlow.js kernel ${kernel}, not traced because ${reason}`,
    expected: 'a kernel with a compiled counterpart',
    mend: `${instead}, or choose the eager engine (engine: { name: "eager" }).`,
    cause,
  });
}

/** A record with the same keys and mapped values. */
export function mapEntries<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, name: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
