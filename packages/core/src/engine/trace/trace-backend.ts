/**
 * A TensorFlow.js backend that records instead of computing: every kernel call becomes graph nodes, and a tensor's
 * "data" is the name of a graph value. TensorFlow.js's own automatic differentiation runs on top of it unchanged, so
 * a traced gradient is a graph too. It is not a device and never holds numbers, apart from constants.
 */
import {
  type BackendValues,
  type DataId,
  type DataType,
  engine,
  type KernelConfig,
  KernelBackend,
  registerBackend,
  registerKernel,
  type Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { TransfuseError, type TransfuseErrorDetails } from '../../errors/index.ts';
import { GraphBuilder, hostArray, type NodeOptions } from './graph-builder.ts';
import type { KernelAttributes, KernelInputs, TraceKernel } from './kernel-signature.ts';
import { runningRandomOperation } from './randomness.ts';
import { presentUserLine } from './user-line.ts';

/** The name under which the recording backend is registered with TensorFlow.js. */
export const traceBackendName = 'transfuse-trace';

/** What a refusal says, apart from where. */
type Refusal = Pick<TransfuseErrorDetails, 'found' | 'expected'> &
  Partial<Pick<TransfuseErrorDetails, 'code' | 'mend'>>;

export class TraceBackend extends KernelBackend {
  #builder: GraphBuilder | undefined;
  #functionName: string | undefined;
  #refused: TransfuseError | undefined;
  #names = new WeakMap<DataId, string>();
  /** What reshaped values of the present graph were before, by name. */
  #reshaped = new Map<string, { readonly name: string; readonly shape: readonly number[] }>();

  /** The graph under construction. */
  get graph(): GraphBuilder {
    if (this.#builder === undefined) {
      throw this.refuse({
        found: 'a tensor operation outside of compilation',
        expected: 'operations of the function being compiled',
      });
    }
    return this.#builder;
  }

  /**
   * Records what `run` does into a new graph. The first refusal made meanwhile is thrown at the end even where
   * the function swallowed it, because the graph would lack what was refused.
   */
  record<Result>(name: string, run: (graph: GraphBuilder) => Result): Result {
    this.#builder = new GraphBuilder(name);
    this.#functionName = name;
    this.#names = new WeakMap(); // names mean something in their own graph only
    this.#reshaped = new Map();
    this.#refused = undefined;
    try {
      const result = run(this.#builder);
      if (this.#refused !== undefined) throw this.#refused;
      return result;
    } catch (error) {
      throw this.#refused ?? error; // the first refusal is what led to the others
    } finally {
      this.#builder = undefined;
      this.#functionName = undefined;
    }
  }

  /** Where the trace is: the function's name and, where it can be told, the user's line. */
  place(line: string | undefined = presentUserLine()): string {
    const name = this.#functionName === undefined ? '' : ` ${this.#functionName}`;
    return `compiled function${name}${line === undefined ? '' : `, at ${line}`}`;
  }

  /** Makes the error that ends the trace; `engine.untraceable` where no other code is given. */
  refuse({ code = 'engine.untraceable', found, expected, mend }: Refusal): TransfuseError {
    const error = new TransfuseError({
      code,
      place: this.place(),
      found,
      expected,
      mend: mend ?? 'Pass the values in as inputs, or choose the eager engine (engine: { name: "eager" }).',
    });
    this.#refused ??= error;
    return error;
  }

  /** Refuses random numbers. */
  refuseRandomness(source: string): TransfuseError {
    return this.refuse({
      found: `random numbers (${source}), which would be the same at every run`,
      expected: 'a function without randomness, seeded or not',
      mend: 'Draw the numbers outside and pass them in as an input, or choose the eager engine (engine: { name: "eager" }).',
    });
  }

  /** The graph value behind a tensor. */
  nameOf(tensor: TensorInfo): string {
    const name = this.#names.get(tensor.dataId);
    if (name === undefined) {
      throw this.refuse({
        found: 'a tensor made elsewhere',
        expected: 'tensors made inside the function or passed to it',
      });
    }
    return name;
  }

  /** A tensor that stands for a graph value. */
  info(name: string, shape: readonly number[], dtype: DataType): TensorInfo {
    const dataId = {};
    this.#names.set(dataId, name);
    this.#builder?.noteShape(name, shape);
    return { dataId, shape: [...shape], dtype };
  }

  /** A TensorFlow.js tensor that stands for a graph value. */
  tensor(name: string, shape: readonly number[], dtype: DataType): Tensor {
    return engine().makeTensorFromTensorInfo(this.info(name, shape, dtype));
  }

  /** Records a node with one result, computed from tensors or graph values. */
  op(
    op: string,
    inputs: readonly (TensorInfo | string)[],
    result: { readonly shape: readonly number[]; readonly dtype: DataType },
    options?: NodeOptions,
  ): TensorInfo {
    const names = inputs.map((input) => (typeof input === 'string' ? input : this.nameOf(input)));
    return this.info(this.graph.op(op, names, options), result.shape, result.dtype);
  }

  /** Records a change of shape; a chain of them is recorded as one, and one that changes nothing not at all. */
  reshape(x: TensorInfo, shape: readonly number[]): TensorInfo {
    const name = this.nameOf(x);
    const origin = this.#reshaped.get(name) ?? { name, shape: x.shape };
    if (origin.shape.join() === shape.join()) return this.info(origin.name, shape, x.dtype);
    // Where a size is 0, it means 0 and not the size of before.
    const options = shape.includes(0) ? { attributes: { allowzero: { int: 1 } } } : {};
    const sizes = this.graph.integers(shape);
    const result = this.op('Reshape', [origin.name, sizes], { shape, dtype: x.dtype }, options);
    this.#reshaped.set(this.nameOf(result), origin);
    return result;
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.#names.set(dataId, this.#constant(values, shape, dtype));
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType): void {
    this.#names.set(dataId, this.#constant(values, shape, dtype));
  }

  override readSync(): BackendValues {
    throw this.refuse({
      found: 'a read of tensor values (dataSync, arraySync, print)',
      expected: 'tensor operations only',
    });
  }

  /** Never settles during a trace: the trace is refused, and nobody is left to catch a rejection. */
  override read(): Promise<BackendValues> {
    const error = this.refuse({
      found:
        'a read of tensor values (data, array, whereAsync, booleanMaskAsync, setdiff1dAsync), as shapes that depend on values need one',
      expected: 'tensor operations only, with shapes that the shapes of the inputs decide',
    });
    return this.#builder === undefined ? Promise.reject(error) : new Promise(() => {});
  }

  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override memory() {
    return { unreliable: true };
  }
  override timerAvailable(): boolean {
    return false;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {}

  #constant(values: BackendValues, shape: number[], dtype: DataType): string {
    const random = runningRandomOperation();
    if (random !== undefined) throw this.refuseRandomness(`tf.${random}`);
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw this.refuse({ found: `a constant of type ${dtype}`, expected: 'float32, int32 or bool' });
    }
    return this.graph.constant({ data: hostArray(dtype, values as ArrayLike<number>), shape, dtype });
  }
}

const instance = new TraceBackend();
registerBackend(traceBackendName, () => instance, 0);

/** The one recording backend of this process; TensorFlow.js keeps its backends in a global registry. */
export function traceBackend(): TraceBackend {
  return instance;
}

/** Registers how kernels are recorded, by TensorFlow.js kernel name. */
export function registerTraceKernels(kernels: Readonly<Record<string, TraceKernel>>): void {
  for (const [kernelName, kernel] of Object.entries(kernels)) {
    const config: KernelConfig = {
      kernelName,
      backendName: traceBackendName,
      kernelFunc: ({ inputs, attrs }) => {
        const kernelInputs = inputs as unknown as KernelInputs;
        const result = kernel(instance, kernelInputs, (attrs ?? {}) as unknown as KernelAttributes);
        return Array.isArray(result) ? result.map(newTensor) : newTensor(result);
      },
    };
    registerKernel(config);
  }
}

/** A kernel that changes nothing gives back its input; as a tensor of its own, or gradients would be counted twice. */
const newTensor = ({ dataId, shape, dtype }: TensorInfo): TensorInfo => ({ dataId, shape, dtype });
