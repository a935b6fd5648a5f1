/**
 * Where the windows of a convolution or pooling lie: plain numbers per spatial axis, computed by TensorFlow.js's own
 * rules for `valid`, `same`, explicit padding and rounding, and turned into the attributes that ONNX wants.
 */
import { backend_util } from '@tensorflow/tfjs-core';
import type { OnnxAttribute } from '../onnx/graph.ts';
import type { KernelAttributes } from './kernel-signature.ts';

/** One number per spatial axis in every field. */
export interface WindowGeometry {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding before the first element. */
  readonly before: readonly number[];
  /**
   * How far the last window reaches over the input's end; negative where elements at the end are in no window.
   */
  readonly overhang: readonly number[];
}

type WindowAttributes = Pick<KernelAttributes, 'strides' | 'pad'> &
  Partial<Pick<KernelAttributes, 'dilations' | 'dimRoundingMode'>>;

/** Windows over an image `[B, H, W, C]`, or `[B, C, H, W]` with the data format `NCHW`. */
export function windows2d(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: WindowAttributes & Partial<Pick<KernelAttributes, 'dataFormat'>>,
  options: { readonly depthwise?: boolean; readonly output?: readonly number[] } = {},
): WindowGeometry {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes.strides as number,
    attributes.dilations ?? 1,
    attributes.pad,
    attributes.dimRoundingMode,
    options.depthwise ?? false,
    attributes.dataFormat === 'NCHW' ? 'channelsFirst' : 'channelsLast',
  );
  return withOverhang({
    input: [info.inHeight, info.inWidth],
    output: options.output ?? [info.outHeight, info.outWidth],
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.top, info.padInfo.left],
  });
}

/** Windows over a volume `[B, D, H, W, C]`. */
export function windows3d(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: WindowAttributes,
  options: { readonly output?: readonly number[] } = {},
): WindowGeometry {
  const info = backend_util.computeConv3DInfo(
    inputShape as [number, number, number, number, number],
    filterShape as [number, number, number, number, number],
    attributes.strides as number,
    (attributes.dilations as unknown as number | undefined) ?? 1,
    attributes.pad as number,
    false,
    'channelsLast',
    attributes.dimRoundingMode,
  );
  return withOverhang({
    input: [info.inDepth, info.inHeight, info.inWidth],
    output: options.output ?? [info.outDepth, info.outHeight, info.outWidth],
    window: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
  });
}

function withOverhang(geometry: Omit<WindowGeometry, 'overhang'>): WindowGeometry {
  const { input, output, window, strides, dilations, before } = geometry;
  const overhang = input.map(
    (size, axis) =>
      (output[axis]! - 1) * strides[axis]! + (window[axis]! - 1) * dilations[axis]! + 1 - size - before[axis]!,
  );
  return { ...geometry, overhang };
}

/** ONNX's attributes for windows: strides, dilations and padding on both sides. */
export function windowAttributes(
  geometry: Pick<WindowGeometry, 'strides' | 'dilations' | 'before' | 'overhang'>,
): Record<string, OnnxAttribute> {
  return {
    strides: { ints: geometry.strides },
    dilations: { ints: geometry.dilations },
    pads: { ints: [...geometry.before, ...geometry.overhang.map((size) => Math.max(0, size))] },
  };
}

/** Whether every window is one element and every element has one: a product with a matrix. */
export function isPointwise({ window, strides, before, overhang }: WindowGeometry): boolean {
  return (
    [window, strides].every((sizes) => sizes.every((size) => size === 1)) &&
    [...before, ...overhang].every((size) => size === 0)
  );
}
