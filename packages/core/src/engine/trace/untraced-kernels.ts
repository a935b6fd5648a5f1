/**
 * The TensorFlow.js kernels that are not traced, each with its reason and, where one is known, what to write instead.
 * The error that a function ends with when it meets one of them is made from this table, and so is `docs/kernels.md`.
 */
import type { ErrorCode } from '../../errors/index.ts';

/** Why a kernel is not traced. */
export interface UntracedKernel {
  readonly code: Extract<ErrorCode, 'engine.untraceable' | 'engine.unsupported-op'>;
  /** Completes "not traced, because …". */
  readonly reason: string;
  /** What to do about it, as an instruction without its full stop. */
  readonly instead: string;
}

const group = (names: readonly string[], kernel: UntracedKernel): Record<string, UntracedKernel> =>
  Object.fromEntries(names.map((name) => [name, kernel]));

const dynamicShape = (what: string, instead: string): UntracedKernel => ({
  code: 'engine.untraceable',
  reason: `the shape of its result depends on the values of ${what}, and a compiled graph has fixed shapes`,
  instead,
});

/** By kernel name. */
export const untracedKernels: Readonly<Record<string, UntracedKernel>> = {
  Multinomial: {
    code: 'engine.untraceable',
    reason: 'it draws random numbers, which would be the same at every run',
    instead:
      'Draw the numbers outside and pass them in as an input; add Gumbel noise to the logits and take tf.argMax to sample',
  },

  Unique: dynamicShape('its input', 'Find the distinct values in JavaScript and pass indices in as an input'),
  NonMaxSuppressionV3: dynamicShape(
    'the scores',
    'Use tf.image.nonMaxSuppressionPadded with padToMaxOutputSize, whose result has a fixed size',
  ),
  NonMaxSuppressionV5: dynamicShape(
    'the scores',
    'Use tf.image.nonMaxSuppressionPadded with padToMaxOutputSize, whose result has a fixed size',
  ),
  SparseFillEmptyRows: dynamicShape('the indices', 'Prepare the rows in JavaScript and pass them in as inputs'),
  SparseReshape: dynamicShape('the new shape', 'Compute the indices in JavaScript and pass them in as an input'),
  ...group(
    ['SparseSegmentMean', 'SparseSegmentSum'],
    dynamicShape('the segment ids', 'Use tf.gather and tf.unsortedSegmentSum with a fixed number of segments'),
  ),
  ...group(
    ['RaggedGather', 'RaggedRange', 'RaggedTensorToTensor'],
    dynamicShape('the row splits', 'Pad the rows to one length in JavaScript and pass them in with a mask'),
  ),

  ...group(['Complex', 'Real', 'Imag', 'ComplexAbs', 'FFT', 'IFFT'], {
    code: 'engine.unsupported-op',
    reason: 'complex numbers have no counterpart in the compiled engine',
    instead:
      'Keep real and imaginary parts as two tensors; write a Fourier transform as products with cosines and sines',
  }),
  ...group(['StaticRegexReplace', 'StringNGrams', 'StringSplit', 'StringToHashBucketFast'], {
    code: 'engine.unsupported-op',
    reason: 'strings have no counterpart in the compiled engine',
    instead: 'Work on strings in JavaScript and pass numbers in as inputs',
  }),
  ...group(['FromPixels', 'Draw'], {
    code: 'engine.unsupported-op',
    reason: 'it reads or writes pixels of a web page',
    instead: 'Convert pixels outside of the function and pass them in as an input',
  }),
  Transform: {
    code: 'engine.unsupported-op',
    reason: 'a projective transform given by values has no counterpart in ONNX',
    instead: 'Use tf.image.rotateWithOffset or tf.image.cropAndResize, or transform outside of the function',
  },
  ...group(['Dilation2D', 'Dilation2DBackpropInput', 'Dilation2DBackpropFilter'], {
    code: 'engine.unsupported-op',
    reason: 'a morphological dilation has no counterpart in ONNX',
    instead: 'Use tf.maxPool where the filter is flat, or tf.maximum of shifted slices with the filter added',
  }),
  ...group(['LowerBound', 'UpperBound', 'MatrixBandPart', 'Pool'], {
    code: 'engine.unsupported-op',
    reason: 'no operation of TensorFlow.js calls it',
    instead: 'Call the operation of that name, which is made of other kernels',
  }),
};

/** The entry of a kernel; one that the table does not know comes from another library or version. */
export function untracedKernel(name: string): UntracedKernel {
  return (
    untracedKernels[name] ?? {
      code: 'engine.unsupported-op',
      reason: 'it is unknown to this version of the compiled engine',
      instead: 'Write the operation with other ops',
    }
  );
}
