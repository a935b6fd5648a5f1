/**
 * How TensorFlow.js's convolutions are recorded: plain, depthwise, transposed and fused, in two and three dimensions,
 * and their gradients. TensorFlow.js keeps channels last; around each convolution stands one transposition per side, so
 * that those of neighbouring convolutions cancel in ONNX Runtime. A convolution with windows of one element is a
 * matrix product and needs none.
 */
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { activated } from './activation.ts';
import { product, transposed } from './building-blocks.ts';
import { channelsFirst, channelsLast, convolutionInputGradient, convolve, spatialAxes } from './convolution.ts';
import { convolutionFilterGradient, depthwiseFilterGradient } from './filter-gradient.ts';
import type { KernelAttributes, KernelInputs, TraceKernel } from './kernel-signature.ts';
import { registerTraceKernels, type TraceBackend } from './trace-backend.ts';
import { isPointwise, type WindowGeometry, windows2d, windows3d } from './window-geometry.ts';

/** `[...window, I, O]` to `[O, I, ...window]`. */
function filterFirst(trace: TraceBackend, filter: TensorInfo): TensorInfo {
  const axes = filter.shape.length;
  return transposed(trace, filter, [axes - 1, axes - 2, ...spatialAxes(axes - 2, 0)]);
}

/** `[...window, C, M]` to `[C * M, 1, ...window]`. */
function depthwiseFilterFirst(trace: TraceBackend, filter: TensorInfo): TensorInfo {
  const [height, width, channels, multiplier] = filter.shape as [number, number, number, number];
  return trace.reshape(transposed(trace, filter, [2, 3, 0, 1]), [channels * multiplier, 1, height, width]);
}

/** The spatial sizes of an image. */
const spatial = ({ shape }: TensorInfo, { dataFormat }: Partial<KernelAttributes>) =>
  dataFormat === 'NCHW' ? shape.slice(2) : shape.slice(1, -1);

/** Brings an image to channels first, does something there, and brings the result back. */
function inChannelsFirst(
  trace: TraceBackend,
  x: TensorInfo,
  { dataFormat }: Partial<KernelAttributes>,
  act: (x: TensorInfo) => TensorInfo,
): TensorInfo {
  return dataFormat === 'NCHW' ? act(x) : channelsLast(trace, act(channelsFirst(trace, x)));
}

const imageLast = (trace: TraceBackend, x: TensorInfo, { dataFormat }: Partial<KernelAttributes>) =>
  dataFormat === 'NCHW' ? channelsLast(trace, x) : x;

/** A convolution whose windows are single elements: `[B, ..., I]` times `[I, O]`. */
function pointwise(
  trace: TraceBackend,
  x: TensorInfo,
  matrix: TensorInfo,
  options: { readonly transposeB?: boolean } = {},
): TensorInfo {
  const inputs = x.shape.at(-1)!;
  const rows = trace.reshape(x, [util.sizeFromShape(x.shape) / inputs, inputs]);
  const sums = product(trace, rows, matrix, options);
  return trace.reshape(sums, [...x.shape.slice(0, -1), sums.shape[1]!]);
}

type Windows = (
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: KernelAttributes,
  options?: { readonly output?: readonly number[] },
) => WindowGeometry;

const forward =
  (windows: Windows): TraceKernel =>
  (trace, { x, filter, bias }, attributes) => {
    const geometry = windows(x.shape, filter.shape, attributes);
    if (isPointwise(geometry) && attributes.dataFormat !== 'NCHW') {
      const matrix = trace.reshape(filter, filter.shape.slice(-2));
      return biased(trace, pointwise(trace, x, matrix), bias);
    }
    return inChannelsFirst(trace, x, attributes, (image) =>
      convolve(trace, image, filterFirst(trace, filter), geometry, { bias }),
    );
  };

const inputGradient =
  (windows: Windows): TraceKernel =>
  (trace, { dy, filter }, attributes) => {
    const output = spatial(dy, attributes);
    const geometry = windows(attributes.inputShape, filter.shape, attributes, { output });
    if (isPointwise(geometry) && attributes.dataFormat !== 'NCHW') {
      const matrix = trace.reshape(filter, filter.shape.slice(-2));
      return pointwise(trace, dy, matrix, { transposeB: true });
    }
    return inChannelsFirst(trace, dy, attributes, (gradient) =>
      convolutionInputGradient(trace, gradient, filterFirst(trace, filter), geometry),
    );
  };

const filterGradient =
  (windows: Windows): TraceKernel =>
  (trace, { x, dy }, attributes) => {
    const { filterShape } = attributes;
    const geometry = windows(x.shape, filterShape, attributes, { output: spatial(dy, attributes) });
    return convolutionFilterGradient(
      trace,
      imageLast(trace, x, attributes),
      imageLast(trace, dy, attributes),
      geometry,
    );
  };

const depthwise: TraceKernel = (trace, { x, filter, bias }, attributes) => {
  const geometry = windows2d(x.shape, filter.shape, attributes, { depthwise: true });
  return inChannelsFirst(trace, x, attributes, (image) =>
    convolve(trace, image, depthwiseFilterFirst(trace, filter), geometry, { groups: filter.shape[2]!, bias }),
  );
};

/** A fused kernel: a bias of one number per channel goes into the convolution, any other is added to its result. */
const fused =
  (convolution: TraceKernel): TraceKernel =>
  (trace, inputs, attributes) => {
    const { bias, preluActivationWeights, ...others } = inputs;
    const perChannel = (t: TensorInfo | undefined) => t !== undefined && t.shape.length === 1 && t.shape[0] !== 1;
    const inside = perChannel(bias) ? bias : undefined;
    const result = convolution(trace, { ...others, bias: inside } as KernelInputs, attributes) as TensorInfo;
    const sum = inside === undefined ? biased(trace, result, bias) : result;
    const slopes =
      attributes.dataFormat === 'NCHW' && perChannel(preluActivationWeights)
        ? trace.reshape(preluActivationWeights!, [preluActivationWeights!.shape[0]!, 1, 1])
        : preluActivationWeights;
    return activated(trace, sum, { ...attributes, slopes });
  };

function biased(trace: TraceBackend, x: TensorInfo, bias: TensorInfo | undefined): TensorInfo {
  return bias === undefined || bias === null ? x : trace.op('Add', [x, bias], x);
}

registerTraceKernels({
  Conv2D: forward(windows2d),
  Conv2DBackpropInput: inputGradient(windows2d),
  Conv2DBackpropFilter: filterGradient(windows2d),
  Conv3D: forward(windows3d),
  Conv3DBackpropInputV2: inputGradient(windows3d),
  Conv3DBackpropFilterV2: filterGradient(windows3d),
  DepthwiseConv2dNative: depthwise,
  DepthwiseConv2dNativeBackpropInput: (trace, { dy, filter }, attributes) => {
    const options = { depthwise: true, output: dy.shape.slice(1, -1) };
    const geometry = windows2d(attributes.inputShape, filter.shape, attributes, options);
    return inChannelsFirst(trace, dy, {}, (gradient) =>
      convolutionInputGradient(trace, gradient, depthwiseFilterFirst(trace, filter), geometry, {
        groups: filter.shape[2]!,
      }),
    );
  },
  DepthwiseConv2dNativeBackpropFilter: (trace, { x, dy }, attributes) => {
    const options = { depthwise: true, output: dy.shape.slice(1, -1) };
    const geometry = windows2d(x.shape, attributes.filterShape, attributes, options);
    return depthwiseFilterGradient(trace, x, dy, geometry);
  },
  FusedConv2D: fused(forward(windows2d)),
  FusedDepthwiseConv2D: fused(depthwise),
});
