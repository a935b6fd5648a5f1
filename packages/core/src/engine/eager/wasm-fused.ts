/**
 * Fused kernels on the backend `wasm`, taken apart: a product or convolution, then the bias, then the activation. The
 * package's own take fewer shapes of biases and fewer activations than TensorFlow.js lets them be asked for.
 */
import {
  add,
  type conv2d,
  type depthwiseConv2d,
  elu,
  type KernelFunc,
  leakyRelu,
  matMul,
  prelu,
  relu,
  relu6,
  sigmoid,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';

interface FusedInputs {
  readonly bias?: Tensor;
  readonly preluActivationWeights?: Tensor;
}

interface FusedAttributes {
  readonly activation?: 'linear' | 'relu' | 'relu6' | 'elu' | 'prelu' | 'leakyrelu' | 'sigmoid';
  readonly leakyreluAlpha?: number;
}

interface ConvolutionAttributes {
  readonly strides: [number, number];
  readonly pad: 'same' | 'valid';
  readonly dilations: [number, number];
  readonly dimRoundingMode?: 'floor';
}

/** `_FusedMatMul` */
export const fusedProduct: KernelFunc = ({ inputs, attrs }) => {
  const { a, b, ...more } = inputs as unknown as FusedInputs & { readonly a: Tensor; readonly b: Tensor };
  const { transposeA, transposeB, ...activation } = attrs as unknown as FusedAttributes &
    Record<'transposeA' | 'transposeB', boolean>;
  return tidy(() => finish(matMul(a, b, transposeA, transposeB), more, activation));
};

/** `FusedConv2D` and `FusedDepthwiseConv2D`, for images whose channels come last. */
export function fusedConvolution(convolve: typeof conv2d | typeof depthwiseConv2d): KernelFunc {
  return ({ inputs, attrs }) => {
    const { x, filter, ...more } = inputs as unknown as FusedInputs & Record<'x' | 'filter', Tensor4D>;
    const { strides, pad, dilations, dimRoundingMode, ...activation } = attrs as unknown as FusedAttributes &
      ConvolutionAttributes;
    return tidy(() => finish(convolve(x, filter, strides, pad, 'NHWC', dilations, dimRoundingMode), more, activation));
  };
}

function finish(sum: Tensor, { bias, preluActivationWeights }: FusedInputs, attributes: FusedAttributes): Tensor {
  const { activation = 'linear', leakyreluAlpha } = attributes;
  const biased = bias === undefined || bias === null ? sum : add(sum, bias);
  if (activation === 'prelu') return prelu(biased, preluActivationWeights!);
  if (activation === 'leakyrelu') return leakyRelu(biased, leakyreluAlpha);
  if (activation === 'linear') return biased;
  return { relu, relu6, elu, sigmoid }[activation](biased);
}
