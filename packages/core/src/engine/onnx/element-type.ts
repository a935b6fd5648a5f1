import type { OnnxDType } from './graph.ts';

const codes: Record<OnnxDType, number> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** ONNX's number for an element type (TensorProto.DataType). */
export function onnxElementType(dtype: OnnxDType): number {
  return codes[dtype];
}
