/** The tensors of onnxruntime-node, which reads and writes typed arrays where they lie. */
import * as ort from 'onnxruntime-node';
import type { TensorRuntime } from './onnx-runtime.ts';

/** The runtime of the compiled engine in Node.js. */
export const nodeRuntime: TensorRuntime = {
  writesInPlace: true,
  tensor: (dtype, shape, data) => new ort.Tensor(dtype, data as never, shape as number[]),
};
