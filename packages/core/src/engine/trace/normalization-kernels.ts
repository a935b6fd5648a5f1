/** How TensorFlow.js's normalizations are recorded: over a batch, with given moments, and over neighbouring channels. */
import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { constant, product } from './building-blocks.ts';
import type { KernelAttributes } from './kernel-signature.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';

const scalar = (trace: TraceBackend, value: number) => trace.graph.scalar(value, 'float32');

/** Sums over neighbouring channels: `[B, H, W, C]` times a band of ones. */
function neighbourSum(trace: TraceBackend, x: TensorInfo, { depthRadius }: KernelAttributes): TensorInfo {
  const channels = x.shape.at(-1)!;
  const band = Array.from({ length: channels ** 2 }, (_, index) =>
    Math.abs(Math.floor(index / channels) - (index % channels)) <= depthRadius ? 1 : 0,
  );
  return product(trace, x, constant(trace, band, [channels, channels]));
}

/** bias + alpha times the sum of squares of neighbouring channels. */
function neighbourNorm(trace: TraceBackend, x: TensorInfo, attributes: KernelAttributes): TensorInfo {
  const sum = neighbourSum(trace, trace.op('Mul', [x, x], x), attributes);
  const scaled = trace.op('Mul', [sum, scalar(trace, attributes.alpha)], x);
  return trace.op('Add', [scaled, scalar(trace, attributes.bias)], x);
}

registerTraceKernels({
  FusedBatchNorm: (trace, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
    for (const along of [mean, variance, scale, offset]) {
      if (along) backend_util.assertAndGetBroadcastShape(x.shape, along.shape);
    }
    const padded = trace.op('Add', [variance, scalar(trace, varianceEpsilon)], variance);
    const deviation = trace.op('Sqrt', [padded], variance);
    const centred = trace.op('Sub', [x, mean], x);
    const slope = trace.op('Div', [scale ?? scalar(trace, 1), deviation], variance);
    const scaled = trace.op('Mul', [centred, slope], x);
    return offset ? trace.op('Add', [scaled, offset], x) : scaled;
  },
  LRN: (trace, { x }, attributes) => {
    const norm = neighbourNorm(trace, x, attributes);
    return trace.op('Mul', [x, trace.op('Pow', [norm, scalar(trace, -attributes.beta)], x)], x);
  },
  LRNGrad: (trace, { x, y, dy }, attributes) => {
    const norm = neighbourNorm(trace, x, attributes);
    const direct = trace.op('Mul', [dy, trace.op('Pow', [norm, scalar(trace, -attributes.beta)], x)], x);
    const share = trace.op('Div', [trace.op('Mul', [dy, y], x), norm], x);
    const slope = scalar(trace, -2 * attributes.alpha * attributes.beta);
    const around = trace.op('Mul', [trace.op('Mul', [x, slope], x), neighbourSum(trace, share, attributes)], x);
    return trace.op('Add', [direct, around], x);
  },
});
