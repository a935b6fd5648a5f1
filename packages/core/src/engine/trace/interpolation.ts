/**
 * Resizing as matrices: along one axis every resized element is a weighted sum of the original ones, so resizing is a
 * product with a matrix of weights, and its gradient a product with the transposed matrix. Coordinates follow
 * TensorFlow.js: `alignCorners` maps corner to corner, `halfPixelCenters` maps centres of pixels to each other.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { constant, product } from './building-blocks.ts';
import type { TraceBackend } from './trace-backend.ts';

/** How coordinates of the resized image map to those of the original. */
export interface ResizeCoordinates {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/** For each resized element the position of the original one it copies. */
export function nearestPositions(original: number, resized: number, coordinates: ResizeCoordinates): number[] {
  const ratio = sizeRatio(original, resized, coordinates);
  return Array.from({ length: resized }, (_, index) => {
    const at = coordinates.halfPixelCenters ? ratio * (index + 0.5) : ratio * index;
    return Math.max(0, Math.min(original - 1, coordinates.alignCorners ? Math.round(at) : Math.floor(at)));
  });
}

/** The weights of nearest-neighbour resizing, `[resized, original]` row by row. */
export function nearestWeights(original: number, resized: number, coordinates: ResizeCoordinates): Float32Array {
  const weights = new Float32Array(resized * original);
  nearestPositions(original, resized, coordinates).forEach((position, row) => {
    weights[row * original + position] = 1;
  });
  return weights;
}

/** The weights of linear interpolation, `[resized, original]` row by row. */
export function linearWeights(original: number, resized: number, coordinates: ResizeCoordinates): Float32Array {
  const ratio = sizeRatio(original, resized, coordinates);
  const weights = new Float32Array(resized * original);
  for (let row = 0; row < resized; row++) {
    const at = coordinates.halfPixelCenters ? ratio * (row + 0.5) - 0.5 : ratio * row;
    const inside = Math.max(0, Math.min(original - 1, at));
    const below = Math.floor(inside);
    const above = Math.min(original - 1, below + 1);
    weights[row * original + below]! += 1 - (inside - below);
    weights[row * original + above]! += inside - below;
  }
  return weights;
}

function sizeRatio(original: number, resized: number, { alignCorners }: ResizeCoordinates): number {
  return alignCorners && resized > 1 ? (original - 1) / (resized - 1) : original / resized;
}

/** Weights along one axis. */
export interface AxisWeights {
  readonly weights: Float32Array;
  readonly resized: number;
  readonly original: number;
}

/** Weighs an image `[B, H, W, C]` by rows and columns. */
export function weighted(trace: TraceBackend, x: TensorInfo, rows: AxisWeights, columns: AxisWeights): TensorInfo {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const tall = product(trace, matrix(trace, rows), trace.reshape(x, [batch, height, width * channels]));
  const lines = trace.reshape(tall, [batch * rows.resized, width, channels]);
  const wide = product(trace, matrix(trace, columns), lines);
  return trace.reshape(wide, [batch, rows.resized, columns.resized, channels]);
}

/** The weights of the gradient: the transposed matrix. */
export function transposedWeights({ weights, resized, original }: AxisWeights): AxisWeights {
  const turned = Float32Array.from(weights, (_, index) => {
    const [row, column] = [Math.floor(index / resized), index % resized];
    return weights[column * original + row]!;
  });
  return { weights: turned, resized: original, original: resized };
}

const matrix = (trace: TraceBackend, { weights, resized, original }: AxisWeights) =>
  constant(trace, weights, [resized, original]);
