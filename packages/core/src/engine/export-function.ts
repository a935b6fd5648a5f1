/**
 * Tensor functions as ONNX files, for other runtimes and other languages. No engine runs here: the function is traced and
 * written, with the values of frozen stores in it and the tensors of other stores as further inputs. Values are named as
 * tracing names them: `input/<name>`, `<store>/<tensor>`, `output/<name>`, `update/<store>/<tensor>`.
 */
import type { CompileOptions, TensorFunction } from '../contracts/engine.ts';
import type { HostTensor, TensorSpec } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { checkCompileOptions } from './check-compile.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import type { OnnxGraph, OnnxValue } from './onnx/graph.ts';
import { portableGraph } from './onnx/portable-graph.ts';
import { storeWeights } from './onnx/store-weights.ts';
import { mapEntries, traceFunction } from './trace/trace-function.ts';
import { compiledWeightFormat } from './weight-format.ts';

/** What {@link exportFunction} is given: what compiling takes, and for whom the file is. */
export interface ExportOptions extends CompileOptions {
  /**
   * `runtime` (default) uses operators that only ONNX Runtime has, where they are faster; `portable` those of the ONNX
   * standard, operator set 18, alone.
   */
  readonly operators?: 'runtime' | 'portable';
}

/** An input or output of an exported function. */
export interface ExportedValue extends TensorSpec {
  readonly name: string;
}

/** A function as a file. */
export interface ExportedFunction {
  readonly name: string;
  /** The bytes of an `.onnx` file. */
  readonly model: Uint8Array;
  /** What is fed; inputs that the results do not depend on are left out. */
  readonly inputs: readonly ExportedValue[];
  readonly outputs: readonly ExportedValue[];
}

/**
 * Writes a tensor function as an ONNX model. Throws `engine.untraceable` and `engine.unsupported-op` for a function that
 * cannot be written, `config.invalid` for smaller weights that are not frozen, and `file.unwritable` above 2 GiB, more than
 * one file can hold.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs-core';
 * import { exportFunction } from '@transfuse/core/engine';
 * const { model, inputs } = await exportFunction((_, { x }) => ({ outputs: { y: tf.square(x!) } }), {
 *   name: 'square',
 *   inputs: { x: { shape: [2], dtype: 'float32' } },
 *   operators: 'portable',
 * });
 * console.assert(inputs[0]?.name === 'input/x' && model.length > 0);
 * ```
 */
export async function exportFunction(run: TensorFunction, options: ExportOptions): Promise<ExportedFunction> {
  const { name, inputs, stores = {}, frozen = [], operators = 'runtime' } = options;
  checkCompileOptions(options);
  const weights = compiledWeightFormat(options);
  const constants: Record<string, Record<string, HostTensor>> = {};
  for (const store of frozen) {
    const held = stores[store]!;
    const values: Record<string, HostTensor> = {};
    for (const tensor of Object.keys(held.specs)) values[tensor] = await held.read(tensor);
    constants[store] = values;
  }
  const specs = mapEntries(stores, (store) => store.specs);
  const traced = traceFunction(run, { name, inputs, stores: specs, constants });
  const stored = storeWeights(traced, { weights, operators });
  const graph = operators === 'portable' ? portableGraph(stored) : stored;
  checkFileSize(graph);
  return { name, model: encodeOnnx(graph), inputs: graph.inputs.map(exported), outputs: graph.outputs.map(exported) };
}

/** A protobuf message is at most 2 GiB; what is not constants is far below the room left for it. */
const mostConstantBytes = 2 ** 31 - 2 ** 24;

/** Throws `file.unwritable` for a graph that no file can hold. */
export function checkFileSize({ name, initializers }: Pick<OnnxGraph, 'name' | 'initializers'>): void {
  const bytes = initializers.reduce((total, constant) => total + constant.bytes.length, 0);
  if (bytes <= mostConstantBytes) return;
  throw new TransfuseError({
    code: 'file.unwritable',
    place: `export of ${name}`,
    found: `${(bytes / 2 ** 30).toFixed(1)} GiB of constants`,
    expected: 'at most 2 GiB, the limit of the format',
    mend: 'Store the weights smaller (weights: "int8"), or leave the store unfrozen, so that it is fed.',
  });
}

/** Inputs and outputs of tensor functions have one of the engine's own types. */
function exported({ name, shape, dtype }: OnnxValue): ExportedValue {
  return { name, shape, dtype: dtype as TensorSpec['dtype'] };
}
