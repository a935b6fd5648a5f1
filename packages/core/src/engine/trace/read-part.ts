/**
 * The part of an image that the windows of a convolution read. TensorFlow.js lets windows begin inside of an image (strides
 * beyond the window in three dimensions), or end a stride or more before its end (where it takes a filter's height for
 * its width, with a number as padding). ONNX does not, so what is not read is cut off.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { sliced } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';
import type { WindowGeometry } from './window-geometry.ts';

/** The part of an image that windows read, apart from less than a stride at its end. */
export interface ReadPart {
  /** Elements that are cut off, by axis at the beginning and at the end. */
  readonly unread: readonly (readonly [number, number])[];
  /** The windows over what is left, with paddings that ONNX takes. */
  readonly geometry: WindowGeometry;
}

/** Finds the part of an image that its windows read. */
export function readPart(geometry: WindowGeometry): ReadPart {
  const unread = geometry.input.map((_, axis) => {
    const overhang = geometry.overhang[axis]!;
    return [Math.max(0, -geometry.before[axis]!), overhang <= -geometry.strides[axis]! ? -overhang : 0] as const;
  });
  return {
    unread,
    geometry: {
      ...geometry,
      input: geometry.input.map((size, axis) => size - unread[axis]![0] - unread[axis]![1]),
      before: geometry.before.map((size) => Math.max(0, size)),
      overhang: geometry.overhang.map((size, axis) => size + unread[axis]![1]),
    },
  };
}

/** An image `[B, C, ...]` without what its windows do not read. */
export function cutToPart(trace: TraceBackend, x: TensorInfo, { unread }: ReadPart): TensorInfo {
  const cuts = [[0, 0], [0, 0], ...unread] as const;
  return sliced(
    trace,
    x,
    cuts.map(([first]) => first),
    x.shape.map((size, axis) => size - cuts[axis]![1]),
  );
}
