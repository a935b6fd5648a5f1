/**
 * The gradients of convolutions by their filters. Where the windows are small they are laid out as the rows of a matrix,
 * which one matrix product multiplies with the upstream gradient: measured 2 to 3 times as fast as the other way, a
 * convolution of the input with the upstream gradient, channels as batch, strides and dilations exchanged.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { concatenated, padded, product, sliced, transposed } from './building-blocks.ts';
import { channelsFirst, convolve, spatialAxes } from './convolution.ts';
import { cutToPart, readPart } from './read-part.ts';
import type { TraceBackend } from './trace-backend.ts';
import type { WindowGeometry } from './window-geometry.ts';

const sizeOf = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);

/** Windows of up to this many elements are laid out as rows of a matrix: one of 3 x 3 x 3 is. */
const largestLaidOut = 32;

/** `x` `[B, ..., I]`, `dy` `[B, ..., O]`; result `[...window, I, O]`. */
export function convolutionFilterGradient(
  trace: TraceBackend,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: WindowGeometry,
): TensorInfo {
  const [inputs, outputs] = [x.shape.at(-1)!, dy.shape.at(-1)!];
  if (sizeOf(geometry.window) <= largestLaidOut) {
    const rows = trace.reshape(dy, [sizeOf(dy.shape) / outputs, outputs]);
    const gradient = product(trace, windowMatrix(trace, x, geometry), rows, { transposeA: true });
    return trace.reshape(gradient, [...geometry.window, inputs, outputs]);
  }
  const part = readPart(geometry);
  const images = channelsAsBatch(trace, cutToPart(trace, channelsFirst(trace, x), part));
  const weights = channelsAsBatch(trace, channelsFirst(trace, dy));
  const whole = convolve(trace, images, weights, exchangedWindows(part.geometry));
  return transposed(trace, firstWindow(trace, whole, geometry), [...spatialAxes(geometry.window.length, 2), 0, 1]);
}

/** One filter per channel: `x` `[B, ..., C]`, `dy` `[B, ..., C * M]`; result `[...window, C, M]`. */
export function depthwiseFilterGradient(
  trace: TraceBackend,
  x: TensorInfo,
  dy: TensorInfo,
  geometry: WindowGeometry,
): TensorInfo {
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const part = readPart(geometry);
  const cut = channelsAsBatch(trace, cutToPart(trace, channelsFirst(trace, x), part));
  const images = trace.reshape(cut, [1, channels * batch, ...part.geometry.input]);
  const weights = channelsAsBatch(trace, channelsFirst(trace, dy));
  const whole = convolve(trace, images, weights, exchangedWindows(part.geometry), { groups: channels });
  const gradient = firstWindow(trace, whole, geometry); // [1, C * M, ...window]
  const perChannel = trace.reshape(gradient, [channels, dy.shape.at(-1)! / channels, ...geometry.window]);
  return transposed(trace, perChannel, [...spatialAxes(geometry.window.length, 2), 0, 1]);
}

/** The elements of every window as one row: `[B, ..., C]` to `[B * windows, elements * C]`. */
function windowMatrix(trace: TraceBackend, x: TensorInfo, geometry: WindowGeometry): TensorInfo {
  const { output, window, strides, dilations, before, overhang } = geometry;
  const [batch, channels] = [x.shape[0]!, x.shape.at(-1)!];
  const around = before.map((size, axis) => [Math.max(0, size), Math.max(0, overhang[axis]!)]);
  const wide = padded(trace, x, [[0, 0], ...around, [0, 0]]);
  const taps = positionsIn(window).map((position) => {
    const starts = position.map((at, axis) => at * dilations[axis]! + Math.max(0, -before[axis]!));
    const ends = starts.map((start, axis) => start + (output[axis]! - 1) * strides[axis]! + 1);
    return sliced(trace, wide, [0, ...starts, 0], [batch, ...ends, channels], [1, ...strides, 1]);
  });
  return trace.reshape(concatenated(trace, taps, window.length + 1), [
    batch * sizeOf(output),
    sizeOf(window) * channels,
  ]);
}

/** Every position in a window, in row-major order. */
function positionsIn(window: readonly number[]): number[][] {
  return window.reduce<number[][]>(
    (outer, size) => outer.flatMap((position) => Array.from({ length: size }, (_, at) => [...position, at])),
    [[]],
  );
}

/** `[B, C, ...]` to `[C, B, ...]`. */
function channelsAsBatch(trace: TraceBackend, x: TensorInfo): TensorInfo {
  return transposed(trace, x, [1, 0, ...spatialAxes(x.shape.length - 2, 2)]);
}

/** Windows in which the upstream gradient is the filter and each position of the filter is an output. */
function exchangedWindows(geometry: WindowGeometry): WindowGeometry {
  const { input, output, window, strides, dilations, before, overhang } = geometry;
  const positions = window.map((size, axis) => {
    const unread = Math.max(0, -overhang[axis]!); // elements at the end that no window reads make further positions
    return size + Math.floor(unread / dilations[axis]!);
  });
  return { input, output: positions, window: output, strides: dilations, dilations: strides, before, overhang };
}

function firstWindow(trace: TraceBackend, whole: TensorInfo, { window }: WindowGeometry): TensorInfo {
  const starts = whole.shape.map(() => 0);
  return sliced(trace, whole, starts, [...whole.shape.slice(0, 2), ...window]);
}
