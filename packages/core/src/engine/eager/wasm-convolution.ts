/**
 * Convolutions on the backend `wasm`. The package computes 'same' and rounded padding differently from TensorFlow.js's
 * other backends where the window is smaller than its stride, lacks the gradient for the filter, and computes the one for
 * the input in plain loops. Padding is therefore spelt out, and both gradients are written as convolutions.
 */
import {
  backend_util,
  conv2d,
  type KernelFunc,
  type NamedAttrMap,
  pad,
  reverse,
  slice,
  type Tensor,
  type Tensor4D,
  tidy,
  type TensorInfo,
  transpose,
} from '@tensorflow/tfjs-core';

type Pair = [number, number];
type Quad = [number, number, number, number];
type Padding = [Pair, Pair, Pair, Pair];

/** The attributes that kernels of two-dimensional convolutions share. */
interface ConvolutionAttributes {
  readonly strides: number | Pair;
  readonly dilations?: number | Pair;
  readonly pad: 'valid' | 'same' | number | Padding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Whether the images have their channels last, as the package wants them. */
export function channelsLast(attrs: unknown): boolean {
  const { dataFormat } = attrs as { readonly dataFormat?: string };
  return dataFormat === undefined || dataFormat === 'NHWC';
}

/** A forward kernel whose padding is made explicit: as much as the result's size asks for, no more. */
export function withExplicitPadding(original: KernelFunc, kind: 'plain' | 'depthwise'): KernelFunc {
  return (call) => {
    const { x, filter } = call.inputs as { readonly x: TensorInfo; readonly filter: TensorInfo };
    const info = geometry(x.shape, filter.shape, call.attrs, kind);
    const attrs = { ...call.attrs, pad: paddingOf(info), dimRoundingMode: undefined } as unknown as NamedAttrMap;
    return original({ ...call, attrs });
  };
}

/**
 * The gradient for the filter: the images, their channels taken for a batch, convolved with the upstream gradient.
 * Strides and dilations change places.
 */
export const convolutionFilterGradient: KernelFunc = ({ inputs, attrs }) => {
  const { x, dy } = inputs as unknown as { readonly x: Tensor4D; readonly dy: Tensor4D };
  const { filterShape } = attrs as unknown as { readonly filterShape: Quad };
  const info = geometry(x.shape, filterShape, attrs, 'plain');
  return tidy(() => {
    const images = transpose(pad(x, paddingOf(info)), [3, 1, 2, 0]); // [Cin, H, W, B]
    const windows = transpose(dy, [1, 2, 0, 3]); // [H', W', B, Cout]
    const strides: Pair = [info.dilationHeight, info.dilationWidth];
    const dilations: Pair = [info.strideHeight, info.strideWidth];
    const gradient = conv2d(images as Tensor4D, windows as Tensor4D, strides, 'valid', 'NHWC', dilations);
    const [height, width] = filterShape;
    const whole = slice(gradient, [0, 0, 0, 0], [gradient.shape[0], height, width, gradient.shape[3]]);
    return transpose(whole, [1, 2, 0, 3]); // [Hf, Wf, Cin, Cout]
  });
};

/** The gradient for the images, where the stride is 1: the upstream gradient convolved with the filter turned around. */
export function convolutionInputGradient(original: KernelFunc): KernelFunc {
  return (call) => {
    const { dy, filter } = call.inputs as unknown as { readonly dy: Tensor4D; readonly filter: Tensor4D };
    const { inputShape } = call.attrs as unknown as { readonly inputShape: Quad };
    const info = geometry(inputShape, filter.shape, call.attrs, 'plain');
    if (info.strideHeight !== 1 || info.strideWidth !== 1) return original(call);
    const { filterHeight, filterWidth, padInfo } = info;
    const before: Pair = [filterHeight - 1 - padInfo.top, filterWidth - 1 - padInfo.left];
    const after = (axis: 0 | 1, size: number): number =>
      inputShape[1 + axis]! + size - 1 - dy.shape[1 + axis]! - before[axis];
    const padding: Padding = [
      [0, 0],
      [before[0], after(0, filterHeight)],
      [before[1], after(1, filterWidth)],
      [0, 0],
    ];
    if (padding.flat().some((size) => size < 0)) return original(call);
    return tidy(() => {
      const turned = transpose(reverse(filter, [0, 1]), [0, 1, 3, 2]); // [Hf, Wf, Cout, Cin]
      return conv2d(pad(dy, padding), turned as Tensor4D, 1, 'valid') as Tensor;
    });
  };
}

function geometry(
  input: readonly number[],
  filter: readonly number[],
  attrs: NamedAttrMap | undefined,
  kind: 'plain' | 'depthwise',
): backend_util.Conv2DInfo {
  const given = attrs as unknown as ConvolutionAttributes;
  return backend_util.computeConv2DInfo(
    input as Quad,
    filter as Quad,
    given.strides,
    given.dilations ?? 1,
    given.pad,
    given.dimRoundingMode,
    kind === 'depthwise',
    'channelsLast',
  );
}

/** Padding with which rounding down gives the size that the result has. */
function paddingOf(info: backend_util.Conv2DInfo): Padding {
  const along = (size: number, before: number, window: number, stride: number, out: number): Pair => [
    before,
    Math.max(0, (out - 1) * stride + window - size - before),
  ];
  return [
    [0, 0],
    along(info.inHeight, info.padInfo.top, info.effectiveFilterHeight, info.strideHeight, info.outHeight),
    along(info.inWidth, info.padInfo.left, info.effectiveFilterWidth, info.strideWidth, info.outWidth),
    [0, 0],
  ];
}
