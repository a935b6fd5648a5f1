/**
 * Corrects kernels of `@tensorflow/tfjs-backend-webgpu` 4.22, so that a function gives the same numbers there as on the
 * CPU backend. What it gets wrong was found by running the same random cases on both. WGSL promises no more than 11 bits
 * of a sine, and only between -pi and pi, so sines are computed here: by a polynomial, after the angle is brought there.
 */
import {
  abs,
  add,
  atan,
  backend_util,
  cast,
  cumprod,
  cumsum,
  div,
  fill,
  floor,
  greater,
  type KernelFunc,
  mul,
  ones,
  pow,
  reverse,
  round,
  sqrt,
  sub,
  type Tensor,
  type Tensor1D,
  type TensorInfo,
  tidy,
  unsortedSegmentSum,
  zeros,
  util,
  where,
} from '@tensorflow/tfjs-core';
import { replaceKernel } from './replaced-kernels.ts';

/** Makes the corrections. Once only, before the backend is used. */
export function correctWebgpuKernels(): void {
  replaceKernel('webgpu', 'Sin', (original) => ofFloats(original, sine));
  replaceKernel('webgpu', 'Cos', (original) => ofFloats(original, cosine));
  replaceKernel('webgpu', 'Tan', (original) => ofFloats(original, (x) => div(sine(x), cosine(x))));
  replaceKernel('webgpu', 'Asin', (original) => ofFloats(original, arcSine));
  replaceKernel('webgpu', 'Acos', (original) => ofFloats(original, arcCosine));
  replaceKernel('webgpu', 'Reverse', reversalOfIntegers);
  replaceKernel('webgpu', 'Pow', powersOfIntegers);
  replaceKernel('webgpu', 'Cumsum', (original) => forwards(original, cumsum));
  replaceKernel('webgpu', 'Cumprod', (original) => forwards(original, cumprod));
  replaceKernel('webgpu', 'UnsortedSegmentSum', segmentSums);
  replaceKernel('webgpu', 'Bincount', () => counts);
  replaceKernel('webgpu', 'LinSpace', singleNumber);
  for (const name of ['ArgMax', 'ArgMin', 'Prod']) replaceKernel('webgpu', name, withReducedShape);
}

/** Two pi as a sum of numbers, all but the last with so few bits that their multiples are exact. */
const coarse = 6.28125;
const fine = Math.floor((2 * Math.PI - coarse) * 2 ** 19) / 2 ** 19;
const turns = [coarse, fine, 2 * Math.PI - coarse - fine] as const;
/** Taylor's coefficients of the sine, of x, x^3 and so on: the error at pi / 2 is below 1e-8. */
const coefficients = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362_880, -1 / 39_916_800];

function sine(angle: Tensor): Tensor {
  const whole = round(mul(angle, 1 / (2 * Math.PI)));
  const rest = turns.reduce<Tensor>((left, part) => sub(left, mul(whole, part)), angle); // from -pi to pi
  const supplement = sub(mul(sign(rest), Math.PI), rest);
  const acute = where(greater(abs(rest), Math.PI / 2), supplement, rest);
  const square = mul(acute, acute);
  const series = coefficients.reduceRight<Tensor | number>((sum, factor) => add(mul(sum, square), factor), 0);
  return mul(acute, series);
}

function cosine(angle: Tensor): Tensor {
  return sine(add(angle, Math.PI / 2));
}

function arcSine(x: Tensor): Tensor {
  return mul(atan(div(x, add(sqrt(mul(sub(1, x), add(1, x))), 1))), 2);
}

function arcCosine(x: Tensor): Tensor {
  return mul(atan(sqrt(div(sub(1, x), add(1, x)))), 2);
}

const sign = (x: Tensor): Tensor => where(greater(x, 0), fill(x.shape, 1), fill(x.shape, -1));

function ofFloats(original: KernelFunc, compute: (x: Tensor) => Tensor): KernelFunc {
  return (call) => {
    const { x } = call.inputs as unknown as { readonly x: Tensor };
    return x.dtype === 'float32' ? tidy(() => compute(x)) : original(call);
  };
}

/** Powers of integers are computed in floats and cut off. */
function powersOfIntegers(original: KernelFunc): KernelFunc {
  return (call) => {
    const { a, b } = call.inputs as unknown as { readonly a: Tensor; readonly b: Tensor };
    if (a.dtype !== 'int32' || b.dtype !== 'int32') return original(call);
    return tidy(() => cast(floor(add(pow(cast(a, 'float32'), cast(b, 'float32')), 0.5)), 'int32'));
  };
}

/** The package turns floats around only. Integers are exact up to 2^24. */
function reversalOfIntegers(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x } = call.inputs as unknown as { readonly x: Tensor };
    const { dims } = call.attrs as unknown as { readonly dims: number[] };
    if (x.dtype === 'float32') return original(call);
    return tidy(() => cast(reverse(cast(x, 'float32'), dims), x.dtype));
  };
}

/** Backwards, the package takes the shader of another length: it is known by the direction alone. It knows floats only. */
function forwards(original: KernelFunc, run: typeof cumsum): KernelFunc {
  return (call) => {
    const { x } = call.inputs as unknown as { readonly x: Tensor };
    const attrs = call.attrs as unknown as { axis: number; exclusive: boolean; reverse: boolean };
    const { axis, exclusive } = attrs;
    if (x.dtype !== 'float32')
      return tidy(() => cast(run(cast(x, 'float32'), axis, exclusive, attrs.reverse), x.dtype));
    if (!attrs.reverse) return original(call);
    return tidy(() => reverse(run(reverse(x, axis), axis, exclusive, false), axis));
  };
}

/** The package adds floats only, and fails where there are none. Sums of integers are exact up to 2^24. */
function segmentSums(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x, segmentIds } = call.inputs as unknown as { readonly x: Tensor; readonly segmentIds: Tensor1D };
    const { numSegments } = call.attrs as unknown as { readonly numSegments: number };
    if (x.size === 0) return zeros([numSegments, ...x.shape.slice(segmentIds.rank)], x.dtype as 'float32');
    if (x.dtype === 'float32') return original(call);
    return tidy(() => cast(unsortedSegmentSum(cast(x, 'float32'), segmentIds, numSegments), x.dtype));
  };
}

/** A count is a sum of ones, or of weights, by segment. */
const counts: KernelFunc = ({ inputs, attrs }) => {
  const { x, weights } = inputs as unknown as { readonly x: Tensor1D; readonly weights: Tensor1D };
  const { size } = attrs as unknown as { readonly size: number };
  return tidy(() => {
    const parts = weights.size === 0 ? ones(x.shape, 'float32') : cast(weights, 'float32');
    return cast(unsortedSegmentSum(parts as Tensor1D, x, size), weights.dtype);
  });
};

/** A single number at equal distances: the package divides by their count less one. */
function singleNumber(original: KernelFunc): KernelFunc {
  return (call) => {
    const { start, num } = call.attrs as unknown as { readonly start: number; readonly num: number };
    return num === 1 ? tidy(() => fill([1], start)) : original(call);
  };
}

/** Of a tensor of one dimension the package returns one element where it should return a scalar. */
function withReducedShape(original: KernelFunc): KernelFunc {
  return (call) => {
    const { x } = call.inputs as { readonly x: TensorInfo };
    const { axis, keepDims } = call.attrs as unknown as { axis: number | number[]; keepDims?: boolean };
    const axes = util.parseAxisParam(axis, x.shape);
    const [shape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const result = original(call) as TensorInfo;
    return { ...result, shape: keepDims === true ? backend_util.expandShapeToKeepDim(shape, axes) : shape };
  };
}
