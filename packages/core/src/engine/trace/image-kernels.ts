/**
 * How TensorFlow.js's image kernels are recorded: resizing and its gradients, flips, rotations, crops and the choice of
 * boxes. Images are `[B, H, W, C]`.
 */
import { backend_util } from '@tensorflow/tfjs-core';
import { beforeFirst, cast, constant, picked, sliced } from './building-blocks.ts';
import { cropped } from './crop.ts';
import {
  type AxisWeights,
  linearWeights,
  nearestPositions,
  nearestWeights,
  transposedWeights,
  weighted,
} from './interpolation.ts';
import type { KernelAttributes, TraceKernel } from './kernel-signature.ts';
import { registerTraceKernels } from './trace-backend.ts';

type Weights = typeof linearWeights;

const along = (weights: Weights, original: number, resized: number, attributes: KernelAttributes): AxisWeights => ({
  weights: weights(original, resized, attributes),
  resized,
  original,
});

/** The gradient of a resizing; the backend that computes at once takes it for other coordinates in part. */
const resizeGradient =
  (weights: Weights): TraceKernel =>
  (trace, { images, dy }, attributes) => {
    const [rows, columns] = [1, 2].map((axis) =>
      transposedWeights(along(weights, images.shape[axis]!, dy.shape[axis]!, attributes)),
    );
    return weighted(trace, dy, rows!, columns!);
  };

/** The next smaller float32: TensorFlow.js leaves out boxes that overlap as much as the threshold, ONNX those that overlap more. */
function justBelow(threshold: number): number {
  const value = Float32Array.of(threshold);
  if (!(value[0]! > 0)) return threshold;
  const word = new Int32Array(value.buffer);
  word[0]! -= 1;
  return value[0]!;
}

registerTraceKernels({
  ResizeBilinear: (trace, { images }, attributes) => {
    const [height, width] = attributes.size as [number, number];
    const floats = cast(trace, images, 'float32');
    const [, oldHeight, oldWidth] = images.shape as [number, number, number];
    if (height === oldHeight && width === oldWidth) return floats;
    const rows = along(linearWeights, oldHeight, height, attributes);
    return weighted(trace, floats, rows, along(linearWeights, oldWidth, width, attributes));
  },
  ResizeBilinearGrad: resizeGradient(linearWeights),
  ResizeNearestNeighbor: (trace, { images }, attributes) => {
    const [height, width] = attributes.size as [number, number];
    const rows = picked(trace, images, 1, nearestPositions(images.shape[1]!, height, attributes));
    return picked(trace, rows, 2, nearestPositions(images.shape[2]!, width, attributes));
  },
  ResizeNearestNeighborGrad: resizeGradient(nearestWeights),
  FlipLeftRight: (trace, { image }) => {
    const [batch, height, width, channels] = image.shape as [number, number, number, number];
    return sliced(trace, image, [0, 0, width - 1, 0], [batch, height, beforeFirst, channels], [1, 1, -1, 1]);
  },
  RotateWithOffset: (trace, { image }, { radians, fillValue, center }) => {
    const [batch, height, width, channels] = image.shape as [number, number, number, number];
    const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
    const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
    const sources = Array.from({ length: height * width }, (_, index) => {
      const [x, y] = [(index % width) - centerX, Math.floor(index / width) - centerY];
      const [column, row] = [Math.round(x * cos - y * sin + centerX), Math.round(x * sin + y * cos + centerY)];
      return column >= 0 && column < width && row >= 0 && row < height ? row * width + column : undefined;
    });
    const pixels = trace.reshape(image, [batch, height * width, channels]);
    const moved = picked(
      trace,
      pixels,
      1,
      sources.map((source) => source ?? 0),
    );
    const inside = constant(
      trace,
      sources.map((source) => (source === undefined ? 0 : 1)),
      [height * width, 1],
      'bool',
    );
    const fill = Array.from({ length: channels }, (_, channel) => {
      if (typeof fillValue === 'number') return fillValue;
      return channel === 3 ? 255 : fillValue[channel]!; // the opacity of what is outside
    });
    const outside = constant(trace, fill, [channels], image.dtype as 'float32');
    return trace.reshape(trace.op('Where', [inside, moved, outside], moved), image.shape);
  },
  CropAndResize: (trace, { image, boxes, boxInd }, { cropSize, method, extrapolationValue }) =>
    cropped(trace, { image, boxes, boxInd, cropSize, method, outside: extrapolationValue }),
  NonMaxSuppressionV4: (trace, { boxes, scores }, attributes) => {
    const { maxOutputSize, iouThreshold, scoreThreshold, padToMaxOutputSize } = attributes;
    if (!padToMaxOutputSize) {
      throw trace.refuse({
        found:
          'tf.image.nonMaxSuppressionPadded without padToMaxOutputSize, whose result has a size that depends on the scores',
        expected: 'shapes that the shapes of the inputs decide',
        mend: 'Set padToMaxOutputSize, or choose the eager engine (engine: { name: "eager" }).',
      });
    }
    const { graph } = trace;
    const count = boxes.shape[0]!;
    const chosen = graph.op('NonMaxSuppression', [
      trace.nameOf(trace.reshape(boxes, [1, count, 4])),
      trace.nameOf(trace.reshape(scores, [1, 1, count])),
      graph.integers([maxOutputSize]),
      graph.constant({ data: Float32Array.of(justBelow(iouThreshold)), shape: [1], dtype: 'float32' }),
      graph.constant({ data: Float32Array.of(scoreThreshold), shape: [1], dtype: 'float32' }),
    ]); // [chosen, 3]: batch, class, box
    const indices = graph.op('Gather', [chosen, graph.integers([2], [])], { attributes: { axis: { int: 1 } } });
    const wide = graph.op('Concat', [indices, graph.integers(Array(maxOutputSize).fill(0))], {
      attributes: { axis: { int: 0 } },
    });
    const first = graph.op('Slice', [wide, graph.integers([0]), graph.integers([maxOutputSize]), graph.integers([0])]);
    const whole = trace.info(first, [maxOutputSize], 'float32');
    const valid = graph.op('Gather', [graph.op('Shape', [chosen]), graph.integers([0], [])]);
    return [cast(trace, whole, 'int32'), cast(trace, trace.info(valid, [], 'float32'), 'int32')];
  },
});
