/**
 * Matrix products on the backend `wasm`. Its library multiplies one pair of matrices as they lie at full speed, and a
 * transposed one, or one of a batch, in plain loops at a fifteenth of it. So operands are transposed first and batches
 * are multiplied pair by pair, on views of the tensors' memory.
 */
import { getKernel, type KernelFunc, type TensorInfo, util } from '@tensorflow/tfjs-core';

/** What this file uses of the backend of `@tensorflow/tfjs-backend-wasm` 4.22. */
export interface WasmBackend {
  dataIdNextNumber: number;
  readonly dataIdMap: { get(id: object): { readonly id: number; readonly memoryOffset: number } };
  readonly wasm: {
    cwrap(name: string, result: null, parameters: readonly string[]): (...values: unknown[]) => void;
    readonly tfjs: { registerTensor(id: number, size: number, offset: number): void; disposeData(id: number): void };
  };
  makeOutput(shape: readonly number[], dtype: string): TensorInfo;
  typedArrayFromHeap(tensor: TensorInfo): Float32Array | Int32Array | Uint8Array;
  disposeData(id: object): void;
}

/** Below this many multiplications a pair of matrices is not worth a call. */
const smallPair = 4096;

/** `BatchMatMul` in terms of the kernel of the package. */
export function fastProducts(original: KernelFunc): KernelFunc {
  return (call) => {
    const { a, b } = call.inputs as { readonly a: TensorInfo; readonly b: TensorInfo };
    const { transposeA, transposeB } = call.attrs as unknown as Record<'transposeA' | 'transposeB', boolean>;
    const backend = call.backend as WasmBackend;
    const [batches, rows, inner] = matrices(a, transposeA);
    const [otherBatches, , columns] = matrices(b, transposeB);
    const single = batches === 1 && otherBatches === 1;
    const small = rows * inner * columns < smallPair;
    if (a.dtype !== 'float32' || b.dtype !== 'float32' || rows * inner * columns === 0) return original(call);
    if (small || (single && !transposeA && !transposeB)) return original(call);
    const left = transposeA ? turned(backend, a) : a;
    const right = transposeB ? turned(backend, b) : b;
    const product = single
      ? (original({
          ...call,
          inputs: { a: left, b: right },
          attrs: { transposeA: false, transposeB: false },
        }) as TensorInfo)
      : pairs(backend, left, right, { batches, otherBatches, rows, inner, columns });
    if (left !== a) backend.disposeData(left.dataId);
    if (right !== b) backend.disposeData(right.dataId);
    return product;
  };
}

/** How many matrices a tensor holds, and their size when the transposed ones are turned. */
function matrices({ shape }: TensorInfo, transposed: boolean): readonly [number, number, number] {
  const [rows = 1, columns = 1] = shape.slice(-2);
  const count = util.sizeFromShape(shape.slice(0, -2));
  return transposed ? [count, columns, rows] : [count, rows, columns];
}

function turned(backend: WasmBackend, x: TensorInfo): TensorInfo {
  const axes = x.shape.map((_, axis) => axis);
  const perm = [...axes.slice(0, -2), x.shape.length - 1, x.shape.length - 2];
  return getKernel('Transpose', 'wasm').kernelFunc({ inputs: { x }, attrs: { perm }, backend }) as TensorInfo;
}

interface PairSizes {
  readonly batches: number;
  readonly otherBatches: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** Multiplies matrix by matrix; where one operand has a single matrix, it meets all of the other's. */
function pairs(backend: WasmBackend, a: TensorInfo, b: TensorInfo, sizes: PairSizes): TensorInfo {
  const { batches, otherBatches, rows, inner, columns } = sizes;
  const count = Math.max(batches, otherBatches);
  const outer = batches >= otherBatches ? a.shape.slice(0, -2) : b.shape.slice(0, -2);
  const result = backend.makeOutput([...outer, rows, columns], 'float32');
  const multiply = backend.wasm.cwrap('BatchMatMul', null, Array(9).fill('number').with(1, 'array').with(4, 'array'));
  const [leftShape, rightShape] = [bytesOf([1, rows, inner]), bytesOf([1, inner, columns])];
  const view = (tensor: TensorInfo, index: number, size: number): number => {
    const id = backend.dataIdNextNumber++;
    const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
    backend.wasm.tfjs.registerTensor(id, size, memoryOffset + index * size * Float32Array.BYTES_PER_ELEMENT);
    return id;
  };
  for (let index = 0; index < count; index++) {
    const left = view(a, batches === 1 ? 0 : index, rows * inner);
    const right = view(b, otherBatches === 1 ? 0 : index, inner * columns);
    const out = view(result, index, rows * columns);
    multiply(left, leftShape, 3, right, rightShape, 3, false, false, out);
    for (const id of [left, right, out]) backend.wasm.tfjs.disposeData(id);
  }
  return result;
}

function bytesOf(shape: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(shape).buffer);
}
