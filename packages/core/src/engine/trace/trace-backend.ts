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
import type { DType } from '../../contracts/tensors.ts';
import { TransfuseError } from '../../errors/index.ts';
import { GraphBuilder, hostArray, type NodeOptions } from './graph-builder.ts';

/** The name under which the recording backend is registered with TensorFlow.js. */
export const traceBackendName = 'transfuse-trace';

/** Kernel inputs by the names TensorFlow.js gives them; which of them exist is the kernel's own business. */
type KernelInputs = Readonly<
  Record<
    'a' | 'b' | 'x' | 't' | 'e' | 'condition' | 'input' | 'value' | 'indices' | 'segmentIds' | 'logits',
    TensorInfo
  >
>;

/** Kernel attributes by the names TensorFlow.js gives them; which of them exist is the kernel's own business. */
interface KernelAttributes {
  readonly alpha: number;
  readonly axis: number;
  readonly batchDims: number;
  readonly begin: number | number[];
  readonly clipValueMax: number;
  readonly clipValueMin: number;
  readonly constantValue: number;
  readonly depth: number;
  readonly dim: number;
  readonly dtype: DType;
  readonly keepDims: boolean;
  readonly numOrSizeSplits: number | number[];
  readonly numSegments: number;
  readonly offValue: number;
  readonly onValue: number;
  readonly paddings: readonly (readonly [number, number])[];
  readonly perm: readonly number[];
  readonly reps: readonly number[];
  readonly shape: number[];
  readonly size: number | number[];
  readonly start: number;
  readonly step: number;
  readonly stop: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** What `fill` fills with. */
  readonly value: number;
}

/** Turns one TensorFlow.js kernel call into graph nodes. */
export type TraceKernel = (
  trace: TraceBackend,
  inputs: KernelInputs,
  attributes: KernelAttributes,
) => TensorInfo | TensorInfo[];

export class TraceBackend extends KernelBackend {
  #builder: GraphBuilder | undefined;
  #names = new WeakMap<DataId, string>();
  /** What reshaped values of the present graph were before, by name. */
  #reshaped = new Map<string, { readonly name: string; readonly shape: readonly number[] }>();

  /** The graph under construction. */
  get graph(): GraphBuilder {
    if (this.#builder === undefined) {
      throw untraceable('a tensor operation outside of compilation', 'operations of the function being compiled');
    }
    return this.#builder;
  }

  /** Records what `run` does into a new graph. */
  record<Result>(name: string, run: (graph: GraphBuilder) => Result): Result {
    this.#builder = new GraphBuilder(name);
    this.#names = new WeakMap(); // names mean something in their own graph only
    this.#reshaped = new Map();
    try {
      return run(this.#builder);
    } finally {
      this.#builder = undefined;
    }
  }

  /** The graph value behind a tensor. */
  nameOf(tensor: TensorInfo): string {
    const name = this.#names.get(tensor.dataId);
    if (name === undefined)
      throw untraceable('a tensor made elsewhere', 'tensors made inside the function or passed to it');
    return name;
  }

  /** A tensor that stands for a graph value. */
  info(name: string, shape: readonly number[], dtype: DataType): TensorInfo {
    const dataId = {};
    this.#names.set(dataId, name);
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
    const result = this.op('Reshape', [origin.name, this.graph.integers(shape)], {
      shape,
      dtype: x.dtype,
    });
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
    throw untraceable('a read of tensor values (dataSync, arraySync, print)', 'tensor operations only');
  }

  override read(): Promise<BackendValues> {
    throw untraceable('a read of tensor values (data, array)', 'tensor operations only');
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
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw untraceable(`a constant of type ${dtype}`, 'float32, int32 or bool');
    }
    return this.graph.constant({
      data: hostArray(dtype, values as ArrayLike<number>),
      shape,
      dtype: dtype as DType,
    });
  }
}

function untraceable(found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'engine.untraceable',
    place: 'compiled function',
    found,
    expected,
    mend: 'Pass the values in as inputs, or run the function on the eager engine.',
  });
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
      kernelFunc: ({ inputs, attrs }) =>
        kernel(instance, inputs as unknown as KernelInputs, (attrs ?? {}) as unknown as KernelAttributes),
    };
    registerKernel(config);
  }
}
