/**
 * How TensorFlow.js kernels are recorded that move elements between axes or mirror them: blocks of pixels to channels or
 * to the batch and back, reversal, padding by reflection, slices with steps.
 */
import { backend_util, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { beforeFirst, padded, picked, sliced, transposed } from './building-blocks.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

function reversed(trace: TraceBackend, x: TensorInfo, axes: readonly number[]): TensorInfo {
  const turned = (axis: number) => axes.includes(axis) && x.shape[axis]! > 1;
  return sliced(
    trace,
    x,
    x.shape.map((size, axis) => (turned(axis) ? size - 1 : 0)),
    x.shape.map((size, axis) => (turned(axis) ? beforeFirst : size)),
    x.shape.map((_, axis) => (turned(axis) ? -1 : 1)),
  );
}

/** For each element of a mirrored axis the original one it copies. */
function mirrorPositions(size: number, [before, after]: readonly [number, number], mode: string): number[] {
  const shift = mode === 'reflect' ? 0 : 1; // `reflect` leaves the edge out, `symmetric` repeats it
  return Array.from({ length: before + size + after }, (_, index) => {
    const at = index - before;
    if (at < 0) return -at - shift;
    return at >= size ? 2 * (size - 1) - at + shift : at;
  });
}

registerTraceKernels({
  DepthToSpace: (trace, { x }, { blockSize, dataFormat }) => {
    if (dataFormat === 'NCHW') {
      const [batch, depth, height, width] = x.shape as [number, number, number, number];
      const channels = depth / blockSize ** 2;
      const blocks = trace.reshape(x, [batch, blockSize, blockSize, channels, height, width]);
      const spread = transposed(trace, blocks, [0, 3, 4, 1, 5, 2]);
      return trace.reshape(spread, [batch, channels, height * blockSize, width * blockSize]);
    }
    const [batch, height, width, depth] = x.shape as [number, number, number, number];
    const channels = depth / blockSize ** 2;
    const blocks = trace.reshape(x, [batch, height, width, blockSize, blockSize, channels]);
    const spread = transposed(trace, blocks, [0, 1, 3, 2, 4, 5]);
    return trace.reshape(spread, [batch, height * blockSize, width * blockSize, channels]);
  },
  SpaceToBatchND: (trace, { x }, { blockShape, paddings }) => {
    const around = x.shape.map((_, axis) => paddings[axis - 1] ?? [0, 0]);
    const wide = padded(trace, x, around);
    const blocks = util.sizeFromShape(blockShape);
    const cut = backend_util.getReshaped(wide.shape, blockShape, blocks, false);
    const order = backend_util.getPermuted(cut.length, blockShape.length, false);
    const shape = backend_util.getReshapedPermuted(wide.shape, blockShape, blocks, false);
    return trace.reshape(transposed(trace, trace.reshape(wide, cut), order), shape);
  },
  BatchToSpaceND: (trace, { x }, { blockShape, crops }) => {
    const blocks = util.sizeFromShape(blockShape);
    const cut = backend_util.getReshaped(x.shape, blockShape, blocks);
    const order = backend_util.getPermuted(cut.length, blockShape.length);
    const shape = backend_util.getReshapedPermuted(x.shape, blockShape, blocks);
    const whole = trace.reshape(transposed(trace, trace.reshape(x, cut), order), shape);
    const starts = shape.map((_, axis) => crops[axis - 1]?.[0] ?? 0);
    return sliced(
      trace,
      whole,
      starts,
      shape.map((size, axis) => size - (crops[axis - 1]?.[1] ?? 0)),
    );
  },
  MirrorPad: (trace, { x }, { paddings, mode }) =>
    x.shape.reduce((wide, size, axis) => picked(trace, wide, axis, mirrorPositions(size, paddings[axis]!, mode)), x),
  Reverse: (trace, { x }, { dims }) => reversed(trace, x, util.parseAxisParam(dims, x.shape)),
  StridedSlice: (trace, { x }, attributes) => {
    const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
    const info = slice_util.sliceInfo(
      x.shape,
      begin as number[],
      end,
      strides as number[],
      beginMask,
      endMask,
      ellipsisMask,
      newAxisMask,
      shrinkAxisMask,
    );
    if (info.isIdentity) return trace.reshape(x, info.finalShape);
    const ends = info.end.map((stop, axis) => (info.strides[axis]! < 0 && stop < 0 ? beforeFirst : stop));
    return trace.reshape(sliced(trace, x, info.begin, ends, info.strides), info.finalShape);
  },
});
