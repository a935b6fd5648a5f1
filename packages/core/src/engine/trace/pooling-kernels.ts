/**
 * How TensorFlow.js's poolings are recorded, in two and three dimensions, and their gradients. The gradient of a maximum
 * goes to the first largest element of each window, whose position ONNX's `MaxPool` gives; that of an average is spread
 * over the elements that were averaged, which are those inside of the image.
 */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { cast, constant, padded, scattered, throughFloats } from './building-blocks.ts';
import { channelsFirst, channelsLast, convolutionInputGradient } from './convolution.ts';
import type { KernelAttributes, TraceKernel } from './kernel-signature.ts';
import { cutToPart, readPart } from './read-part.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';
import { windowAttributes, type WindowGeometry, windows2d, windows3d } from './window-geometry.ts';

type Windows = (x: TensorInfo, attributes: KernelAttributes, output?: readonly number[]) => WindowGeometry;

const pooling =
  (windows: typeof windows2d, axes: number): Windows =>
  ({ shape }, attributes, output) => {
    const { filterSize, strides, pad, dimRoundingMode } = attributes;
    const sizes = typeof filterSize === 'number' ? Array<number>(axes).fill(filterSize) : filterSize;
    const filter = [...sizes, shape.at(-1)!, shape.at(-1)!];
    const pooled = { strides, pad, ...(dimRoundingMode !== undefined && { dimRoundingMode }) };
    return windows(shape, filter, pooled, output === undefined ? {} : { output });
  };
const over2d = pooling(windows2d, 2);
const over3d = pooling(windows3d, 3);

/** One of ONNX's pooling operators on `[B, C, ...]`; with two results the second is the positions of maxima. */
function pooled(
  trace: TraceBackend,
  op: 'AveragePool' | 'MaxPool',
  x: TensorInfo,
  geometry: WindowGeometry,
  results: 1 | 2,
): readonly [TensorInfo, string] {
  const { before, overhang, window, dilations, output } = geometry;
  if ([...before, ...overhang].some((size, index) => size >= window[index % window.length]!)) {
    throw trace.refuse({
      code: 'engine.unsupported-op',
      found: `a pooling with windows that lie in the padding only (windows of ${window.join(' x ')})`,
      expected: 'less padding than a window is long',
      mend: 'Pad with tf.pad before pooling, or choose the eager engine (engine: { name: "eager" }).',
    });
  }
  const attributes = windowAttributes(geometry);
  const [values, positions] = trace.graph.node(op, [trace.nameOf(x)], results, {
    attributes: {
      kernel_shape: { ints: window },
      strides: attributes['strides']!,
      pads: attributes['pads']!,
      ...(op === 'MaxPool' ? { dilations: { ints: dilations } } : { count_include_pad: { int: 0 } }),
    },
  });
  return [trace.info(values!, [x.shape[0]!, x.shape[1]!, ...output], 'float32'), positions ?? ''];
}

const pool =
  (op: 'AveragePool' | 'MaxPool', windows: Windows): TraceKernel =>
  (trace, { x }, attributes) =>
    throughFloats(trace, x, x.dtype, (floats) => {
      const part = readPart(windows(x, attributes));
      const image = cutToPart(trace, channelsFirst(trace, floats), part);
      return channelsLast(trace, pooled(trace, op, image, part.geometry, 1)[0]);
    });

const maximumGradient =
  (windows: Windows): TraceKernel =>
  (trace, { dy, input }, attributes) => {
    const part = readPart(windows(input, attributes, dy.shape.slice(1, -1)));
    const image = cutToPart(trace, channelsFirst(trace, cast(trace, input, 'float32')), part);
    const [, positions] = pooled(trace, 'MaxPool', image, part.geometry, 2);
    const size = util.sizeFromShape(dy.shape);
    const flat = trace.graph.op('Reshape', [positions, trace.graph.integers([size])]);
    const gradient = trace.reshape(channelsFirst(trace, dy), [size]);
    const sums = scattered(trace, flat, gradient, util.sizeFromShape(image.shape));
    const whole = padded(trace, trace.reshape(sums, image.shape), [[0, 0], [0, 0], ...part.unread]);
    return channelsLast(trace, whole);
  };

const averageGradient =
  (windows: Windows): TraceKernel =>
  (trace, { dy, input }, attributes) => {
    const geometry = windows(input, attributes, dy.shape.slice(1, -1));
    const [batch, channels] = [dy.shape[0]!, dy.shape.at(-1)!];
    const shares = constant(trace, elementShares(geometry), [...geometry.output, 1]);
    const each = channelsFirst(trace, trace.op('Mul', [dy, shares], dy));
    const images = trace.reshape(each, [batch * channels, 1, ...geometry.output]);
    const ones = constant(trace, Array(util.sizeFromShape([...geometry.window])).fill(1), [1, 1, ...geometry.window]);
    const gradient = convolutionInputGradient(trace, images, ones, geometry);
    return channelsLast(trace, trace.reshape(gradient, [batch, channels, ...geometry.input]));
  };

/** One divided by the number of elements inside of the image, for every window. */
function elementShares({ input, output, window, strides, before }: WindowGeometry): number[] {
  const counts = output.map((windows, axis) =>
    Array.from({ length: windows }, (_, index) => {
      const start = index * strides[axis]! - before[axis]!;
      return Math.min(start + window[axis]!, input[axis]!) - Math.max(start, 0);
    }),
  );
  const products = counts.reduce((outer, inner) => outer.flatMap((a) => inner.map((b) => a * b)), [1]);
  return products.map((count) => 1 / count);
}

registerTraceKernels({
  AvgPool: pool('AveragePool', over2d),
  AvgPoolGrad: averageGradient(over2d),
  AvgPool3D: pool('AveragePool', over3d),
  AvgPool3DGrad: averageGradient(over3d),
  MaxPool: pool('MaxPool', over2d),
  MaxPoolGrad: maximumGradient(over2d),
  MaxPool3D: pool('MaxPool', over3d),
  MaxPool3DGrad: maximumGradient(over3d),
  MaxPoolWithArgmax: (trace, { x }, attributes) => {
    const geometry = over2d(x, attributes);
    const image = channelsFirst(trace, cast(trace, x, 'float32'));
    const [values, positions] = pooled(trace, 'MaxPool', image, geometry, 2);
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const whole = { shape: values.shape, dtype: 'int32' } as const;
    const flat = cast(trace, trace.info(positions, values.shape, 'float32'), 'int32');
    // ONNX counts rows of [B, C, H, W], TensorFlow.js of [B, H, W, C]: the place in the plane moves before the channel.
    const plane = trace.op('Mod', [flat, trace.graph.scalar(height * width, 'int32')], whole);
    const steps = Array.from({ length: batch * channels }, (_, index) => {
      const image = Math.floor(index / channels);
      return (index % channels) + (attributes.includeBatchInIndex ? image * height * width * channels : 0);
    });
    const offsets = constant(trace, steps, [batch, channels, 1, 1], 'int32');
    const scaled = trace.op('Mul', [plane, trace.graph.scalar(channels, 'int32')], whole);
    const indices = channelsLast(trace, trace.op('Add', [scaled, offsets], whole));
    return [cast(trace, channelsLast(trace, values), x.dtype as 'float32'), indices];
  },
});
