/**
 * What a recorded kernel is called with: TensorFlow.js's names of kernel inputs and attributes. Which of them exist is
 * each kernel's own business; TensorFlow.js has checked them before it calls a kernel.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { DType } from '../../contracts/tensors.ts';
import type { TraceBackend } from './trace-backend.ts';

/** Kernel inputs by name. */
export interface KernelInputs {
  readonly a: TensorInfo;
  readonly alpha: TensorInfo;
  readonly b: TensorInfo;
  readonly bias: TensorInfo | undefined;
  readonly boxes: TensorInfo;
  readonly boxInd: TensorInfo;
  readonly condition: TensorInfo;
  readonly defaultValue: TensorInfo;
  readonly dy: TensorInfo;
  readonly e: TensorInfo;
  readonly filter: TensorInfo;
  readonly image: TensorInfo;
  readonly images: TensorInfo;
  readonly indices: TensorInfo;
  readonly input: TensorInfo;
  readonly logits: TensorInfo;
  readonly mean: TensorInfo;
  readonly offset: TensorInfo | undefined;
  readonly params: TensorInfo;
  readonly preluActivationWeights: TensorInfo | undefined;
  readonly s0: TensorInfo;
  readonly s1: TensorInfo;
  readonly scale: TensorInfo | undefined;
  readonly scores: TensorInfo;
  readonly segmentIds: TensorInfo;
  readonly sortedSequence: TensorInfo;
  readonly sparseIndices: TensorInfo;
  readonly sparseValues: TensorInfo;
  readonly t: TensorInfo;
  readonly tensor: TensorInfo;
  readonly updates: TensorInfo;
  readonly value: TensorInfo;
  readonly values: TensorInfo;
  readonly variance: TensorInfo;
  readonly weights: TensorInfo;
  readonly x: TensorInfo;
  readonly y: TensorInfo;
}

/** How far a window reaches over the edges of an image. */
type WindowPadding =
  | 'valid'
  | 'same'
  | number
  | [[number, number], [number, number], [number, number], [number, number]];

/** Kernel attributes by name. */
export interface KernelAttributes {
  readonly activation: string | undefined;
  readonly alignCorners: boolean;
  readonly alpha: number;
  readonly axis: number;
  readonly batchDims: number;
  readonly begin: number | number[];
  readonly beginMask: number;
  readonly beta: number;
  readonly bias: number;
  readonly binaryOutput: boolean | undefined;
  readonly blockShape: number[];
  readonly blockSize: number;
  readonly center: number | [number, number];
  readonly clipValueMax: number;
  readonly clipValueMin: number;
  readonly constantValue: number;
  readonly crops: number[][];
  readonly cropSize: [number, number];
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly depth: number;
  readonly depthRadius: number;
  readonly dilations: number | [number, number];
  readonly dim: number;
  readonly dimRoundingMode: 'floor' | 'round' | 'ceil' | undefined;
  readonly dims: number | number[];
  readonly dtype: DType;
  readonly ellipsisMask: number;
  readonly end: number[];
  readonly endMask: number;
  readonly equation: string;
  readonly exclusive: boolean;
  readonly extrapolationValue: number;
  readonly fillValue: number | readonly number[];
  readonly filterShape: number[];
  readonly filterSize: number | [number, number];
  readonly halfPixelCenters: boolean;
  readonly includeBatchInIndex: boolean;
  readonly inputShape: number[];
  readonly iouThreshold: number;
  readonly k: number;
  readonly keepDims: boolean;
  readonly leakyreluAlpha: number | undefined;
  readonly maxOutputSize: number;
  readonly method: 'bilinear' | 'nearest';
  readonly mode: 'reflect' | 'symmetric';
  readonly newAxisMask: number;
  readonly num: number;
  readonly numOrSizeSplits: number | number[];
  readonly numSegments: number;
  readonly offValue: number;
  readonly onValue: number;
  readonly outputShape: number[];
  readonly pad: WindowPadding;
  readonly paddings: readonly (readonly [number, number])[];
  readonly padToMaxOutputSize: boolean;
  readonly perm: readonly number[];
  readonly radians: number;
  /** The axes of `Max`, which TensorFlow.js names unlike those of every other reduction. */
  readonly reductionIndices: number | number[] | undefined;
  readonly reps: readonly number[];
  readonly reverse: boolean;
  readonly scoreThreshold: number;
  readonly shape: number[];
  readonly shrinkAxisMask: number;
  readonly side: 'left' | 'right';
  readonly size: number | number[];
  readonly start: number;
  readonly step: number;
  readonly stop: number;
  readonly strides: number | number[];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  /** What `fill` fills with. */
  readonly value: number;
  readonly varianceEpsilon: number;
}

/** Turns one TensorFlow.js kernel call into graph nodes. */
export type TraceKernel = (
  trace: TraceBackend,
  inputs: KernelInputs,
  attributes: KernelAttributes,
) => TensorInfo | TensorInfo[];
