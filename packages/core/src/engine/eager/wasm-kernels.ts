/**
 * Completes and corrects the kernels of `@tensorflow/tfjs-backend-wasm` 4.22, so that a function gives the same numbers
 * there as on the CPU backend. What it gets wrong was found by running the same random cases on both.
 */
import {
  conv2d,
  depthwiseConv2d,
  type KernelFunc,
  notEqual,
  scalar,
  type Tensor,
  type TensorInfo,
  tidy,
  util,
} from '@tensorflow/tfjs-core';
import { addKernel, borrowWhere, type KernelCall, replaceKernel } from './replaced-kernels.ts';
import {
  channelsLast,
  convolutionFilterGradient,
  convolutionInputGradient,
  withExplicitPadding,
} from './wasm-convolution.ts';
import { fusedConvolution, fusedProduct } from './wasm-fused.ts';
import { fastProducts, type WasmBackend } from './wasm-product.ts';

const always = () => true;
const ofNoFloats = ({ inputs }: KernelCall) => Object.values(inputs).some(({ dtype }) => dtype !== 'float32');
const channelsFirst = ({ attrs }: KernelCall) => !channelsLast(attrs);

/** Calls that the package computes wrongly, or refuses, and that the CPU backend computes instead. */
const faulty: Readonly<Record<string, (call: KernelCall) => boolean>> = {
  Sin: always, // small angles lose their precision
  Cos: always,
  Tan: always,
  ClipByValue: ofNoFloats, // bounds between two integers are rounded away from zero
  IsFinite: ofNoFloats,
  IsInf: ofNoFloats,
  IsNan: ofNoFloats,
  GatherV2: ({ attrs }) => attrs['batchDims'] !== 0, // rows of the first batch for all
  OneHot: ({ attrs }) => attrs['dtype'] !== 'int32', // integers are written, whatever the type
  MaxPool: always, // reads beyond the image
  AvgPool: always,
  MaxPoolGrad: always, // of equal maxima, another one than everywhere else
  MaxPoolWithArgmax: always,
  RotateWithOffset: always, // rounds halves the other way
  CropAndResize: always,
  MaxPool3D: always, // no maximum below zero
  MaxPool3DGrad: always,
  ResizeNearestNeighbor: ofNoFloats,
  ResizeBilinear: ofNoFloats,
  Reverse: ofNoFloats,
  StridedSlice: ofNoFloats,
  Conv2D: channelsFirst,
  Conv2DBackpropInput: channelsFirst,
  Conv2DBackpropFilter: channelsFirst,
  DepthwiseConv2dNative: channelsFirst,
  Conv3DBackpropInputV2: always,
  Conv3DBackpropFilterV2: always,
};

/** Makes the corrections. Once only; the CPU backend must be loaded. */
export function completeWasmKernels(): void {
  addKernel('wasm', 'UnsortedSegmentSum', segmentSum);
  addKernel('wasm', 'Conv2DBackpropFilter', convolutionFilterGradient);
  replaceKernel('wasm', 'BatchMatMul', fastProducts);
  replaceKernel('wasm', '_FusedMatMul', () => fusedProduct);
  replaceKernel('wasm', 'Cast', castToBooleans);
  replaceKernel('wasm', 'Conv2D', (original) => withExplicitPadding(original, 'plain'));
  replaceKernel('wasm', 'DepthwiseConv2dNative', (original) => withExplicitPadding(original, 'depthwise'));
  replaceKernel('wasm', 'Conv2DBackpropInput', convolutionInputGradient);
  replaceKernel('wasm', 'FusedConv2D', () => fusedConvolution(conv2d));
  replaceKernel('wasm', 'FusedDepthwiseConv2D', () => fusedConvolution(depthwiseConv2d));
  for (const [name, condition] of Object.entries(faulty)) borrowWhere('wasm', name, condition);
}

/** The package copies bits; any number but zero is true. */
function castToBooleans(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x } = call.inputs as { readonly x: TensorInfo };
    const { dtype } = call.attrs as unknown as { readonly dtype: string };
    if (dtype !== 'bool' || x.dtype === 'bool') return original(call);
    return tidy(() => notEqual(x as Tensor, scalar(0, x.dtype)));
  };
}

/** Sums rows by segment, in place on the heap. Rows of a segment that does not exist are left out. */
const segmentSum: KernelFunc = ({ inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as { readonly x: TensorInfo; readonly segmentIds: TensorInfo };
  const { numSegments } = attrs as { readonly numSegments: number };
  const wasm = backend as WasmBackend;
  const leading = segmentIds.shape.length;
  const row = util.sizeFromShape(x.shape.slice(leading));
  const result = wasm.makeOutput([numSegments, ...x.shape.slice(leading)], x.dtype);
  const [from, ids, sums] = [x, segmentIds, result].map((tensor) => wasm.typedArrayFromHeap(tensor)); // after it may grow
  sums!.fill(0);
  ids!.forEach((segment, index) => {
    if (segment < 0 || segment >= numSegments) return;
    for (let at = 0; at < row; at++) sums![segment * row + at]! += from![index * row + at]!;
  });
  return result;
};
