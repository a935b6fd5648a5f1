/**
 * Crops boxes out of images and resizes them, with boxes that are known only when the function runs. Linear
 * interpolation gives an original element at distance d the weight max(0, 1 - d), the nearest one has weight 1, so crops
 * are products with matrices of weights that are computed from the boxes.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { cast, constant, product, sliced } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';

/** What is cropped. */
export interface Crop {
  /** `[B, H, W, C]` */
  readonly image: TensorInfo;
  /** `[N, 4]`: top, left, bottom, right, in parts of the image. */
  readonly boxes: TensorInfo;
  /** `[N]` int32: the image of each box. */
  readonly boxInd: TensorInfo;
  readonly cropSize: readonly [number, number];
  readonly method: 'bilinear' | 'nearest';
  /** The value of what lies outside of the image. */
  readonly outside: number;
}

/** Result `[N, cropHeight, cropWidth, C]`. */
export function cropped(trace: TraceBackend, crop: Crop): TensorInfo {
  const { image, boxInd, cropSize, outside } = crop;
  const [cropHeight, cropWidth] = cropSize;
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const count = boxInd.shape[0]!;
  const whole = { shape: [count, height, width, channels], dtype: 'float32' } as const;
  const floats = cast(trace, image, 'float32');
  const chosen = trace.op('Gather', [floats, boxInd], whole, { attributes: { axis: { int: 0 } } });
  const rows = axis(trace, crop, 0);
  const columns = axis(trace, crop, 1);
  const tall = product(trace, rows.weights, trace.reshape(chosen, [count, height, width * channels]));
  const eachRow = trace.op(
    'Expand',
    [
      trace.reshape(columns.weights, [count, 1, cropWidth, width]),
      trace.graph.integers([count, cropHeight, cropWidth, width]),
    ],
    { shape: [count, cropHeight, cropWidth, width], dtype: 'float32' },
  );
  const wide = product(trace, eachRow, trace.reshape(tall, [count, cropHeight, width, channels]));
  const inside = trace.op(
    'And',
    [trace.reshape(rows.inside, [count, cropHeight, 1, 1]), trace.reshape(columns.inside, [count, 1, cropWidth, 1])],
    { shape: [count, cropHeight, cropWidth, 1], dtype: 'bool' },
  );
  return trace.op('Where', [inside, wide, trace.graph.scalar(outside, 'float32')], wide);
}

/** The weights `[N, crop, size]` of one axis, and `[N, crop]` which positions lie inside of the image. */
function axis(trace: TraceBackend, { image, boxes, cropSize, method }: Crop, which: 0 | 1) {
  const [count, size, crop] = [boxes.shape[0]!, image.shape[which + 1]!, cropSize[which]];
  const scalar = (value: number) => trace.graph.scalar(value, 'float32');
  const edge = (at: number) => sliced(trace, boxes, [0, at], [count, at + 1]); // [N, 1]
  const [start, end] = [edge(which), edge(which + 2)];
  const places = { shape: [count, crop], dtype: 'float32' } as const;
  // The first place is at the start of the box, the last at its end; a single one is in the middle.
  const steps = Array.from({ length: crop }, (_, index) => (crop > 1 ? index / (crop - 1) : 0.5));
  const extent = trace.op('Mul', [trace.op('Sub', [end, start], start), constant(trace, steps, [1, crop])], places);
  const at = trace.op('Mul', [trace.op('Add', [start, extent], places), scalar(size - 1)], places);
  const inside = trace.op(
    'And',
    [
      trace.op('GreaterOrEqual', [at, scalar(0)], { shape: places.shape, dtype: 'bool' }),
      trace.op('LessOrEqual', [at, scalar(size - 1)], { shape: places.shape, dtype: 'bool' }),
    ],
    { shape: places.shape, dtype: 'bool' },
  );
  const nearest = (): TensorInfo => trace.op('Floor', [trace.op('Add', [at, scalar(0.5)], places)], places);
  const place = trace.reshape(method === 'nearest' ? nearest() : at, [count, crop, 1]);
  const positions = constant(
    trace,
    Array.from({ length: size }, (_, index) => index),
    [size],
  );
  const wide = { shape: [count, crop, size], dtype: 'float32' } as const;
  const distance = trace.op('Abs', [trace.op('Sub', [place, positions], wide)], wide);
  const weights = trace.op('Relu', [trace.op('Sub', [scalar(1), distance], wide)], wide);
  return { weights, inside };
}
