/**
 * Convolution and the gradient of its input in ONNX's terms, for any number of spatial axes. Tensors are channels first
 * here, `[B, C, ...]`, filters `[O, I, ...]`; the kernels beside this file bring TensorFlow.js's layouts to it. Where
 * windows move by one element the gradient is a convolution as well, with the filter mirrored and its inputs and outputs
 * exchanged; otherwise it is ONNX's `ConvTranspose`, which takes the forward filter as it is and has slower kernels.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { padded, picked, transposed } from './building-blocks.ts';
import { cutToPart, readPart } from './read-part.ts';
import type { TraceBackend } from './trace-backend.ts';
import { windowAttributes, type WindowGeometry } from './window-geometry.ts';

const sizeOf = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);

/** `[B, ..., C]` to `[B, C, ...]`. */
export function channelsFirst(trace: TraceBackend, x: TensorInfo): TensorInfo {
  const rank = x.shape.length;
  return transposed(trace, x, [0, rank - 1, ...spatialAxes(rank - 2, 1)]);
}

/** `[B, C, ...]` to `[B, ..., C]`. */
export function channelsLast(trace: TraceBackend, x: TensorInfo): TensorInfo {
  return transposed(trace, x, [0, ...spatialAxes(x.shape.length - 2, 2), 1]);
}

/** The numbers of `count` axes from `first` on. */
export function spatialAxes(count: number, first: number): number[] {
  return Array.from({ length: count }, (_, axis) => axis + first);
}

/** `x` `[B, I, ...]`, `filter` `[O, I / groups, ...]`, `bias` `[O]`; result `[B, O, ...]`. */
export function convolve(
  trace: TraceBackend,
  x: TensorInfo,
  filter: TensorInfo,
  geometry: WindowGeometry,
  options: { readonly groups?: number; readonly bias?: TensorInfo | undefined } = {},
): TensorInfo {
  const part = readPart(geometry);
  const shape = [x.shape[0]!, filter.shape[0]!, ...geometry.output];
  trace.graph.countWork(2 * sizeOf(shape) * sizeOf(filter.shape.slice(1)));
  return trace.op(
    'Conv',
    [cutToPart(trace, x, part), filter, ...(options.bias === undefined ? [] : [options.bias])],
    { shape, dtype: 'float32' },
    { attributes: { ...windowAttributes(part.geometry), group: { int: options.groups ?? 1 } } },
  );
}

/** The gradient of {@link convolve} by its input: `dy` `[B, O, ...]`, `filter` `[O, I / groups, ...]`; result `[B, I, ...]`. */
export function convolutionInputGradient(
  trace: TraceBackend,
  dy: TensorInfo,
  filter: TensorInfo,
  geometry: WindowGeometry,
  options: { readonly groups?: number } = {},
): TensorInfo {
  const groups = options.groups ?? 1;
  if (groups === 1 && geometry.strides.every((stride) => stride === 1)) {
    return convolve(trace, dy, mirrored(trace, filter), mirroredWindows(geometry));
  }
  const part = readPart(geometry);
  const shape = [dy.shape[0]!, filter.shape[1]! * groups, ...part.geometry.input];
  trace.graph.countWork(2 * sizeOf(dy.shape) * sizeOf(filter.shape.slice(1)));
  const read = trace.op(
    'ConvTranspose',
    [dy, filter],
    { shape, dtype: 'float32' },
    {
      attributes: {
        ...windowAttributes(part.geometry),
        output_padding: { ints: part.geometry.overhang.map((size) => Math.max(0, -size)) },
        group: { int: groups },
      },
    },
  );
  return padded(trace, read, [[0, 0], [0, 0], ...part.unread]);
}

/** `[O, I, ...]` to `[I, O, ...]`, every window read from its end: picked by index, which every provider can do. */
function mirrored(trace: TraceBackend, filter: TensorInfo): TensorInfo {
  const window = filter.shape.slice(2);
  const exchanged = transposed(trace, filter, [1, 0, ...spatialAxes(window.length, 2)]);
  const rows = trace.reshape(exchanged, [...exchanged.shape.slice(0, 2), sizeOf(window)]);
  const fromTheEnd = Array.from({ length: sizeOf(window) }, (_, index) => sizeOf(window) - 1 - index);
  return trace.reshape(picked(trace, rows, 2, fromTheEnd), exchanged.shape);
}

/** Windows that move by one element, over what the given ones make: each input is where its gradient comes together. */
function mirroredWindows({
  input,
  output,
  window,
  strides,
  dilations,
  before,
  overhang,
}: WindowGeometry): WindowGeometry {
  const reach = window.map((size, axis) => (size - 1) * dilations[axis]!);
  return {
    input: output,
    output: input,
    window,
    strides,
    dilations,
    before: reach.map((size, axis) => size - before[axis]!),
    overhang: reach.map((size, axis) => size - overhang[axis]!),
  };
}
