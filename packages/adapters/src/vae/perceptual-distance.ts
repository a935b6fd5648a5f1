/**
 * LPIPS, how different two pictures look (Zhang et al. 2018, arXiv 1801.03924): both go through the convolutions of VGG16
 * (Simonyan and Zisserman 2015); after each of its five stages the features of every position are brought to length 1 over
 * the channels, and the squared differences, weighted per channel by learned weights, are averaged over positions and
 * added up over stages. Pure functions; the channels are whatever the parameters have, so small networks can stand in.
 */
import {
  add,
  addN,
  div,
  maxPool,
  mean,
  mul,
  relu,
  rsqrt,
  square,
  squeeze,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tensor1d,
} from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { convolution } from './convolution.ts';
import { convolutionParameters } from './layer-parameters.ts';

/** Channels after each of the five stages of VGG16. */
export const vgg16Channels = [64, 128, 256, 512, 512] as const;

/** Numbers of the convolutions of every stage among torchvision's layers; between stages sides are halved. */
const stages = [
  [0, 2],
  [5, 7],
  [10, 12, 14],
  [17, 19, 21],
  [24, 26, 28],
] as const;

/** Smallest side of a picture: after four halvings one position is left. */
export const smallestPerceptualSide = 2 ** (stages.length - 1);

/** What the published weights expect of colours in [-1, 1]: mean and deviation of red, green and blue. */
const colours = { mean: [-0.03, -0.088, -0.188], deviation: [0.458, 0.448, 0.45] } as const;

/** The square of the shortest length of features; without it the gradient where all of them are 0 would be no number. */
const epsilon = 1e-20;

/** The parameters, as torchvision and lpips name them: `features.N.weight`, `features.N.bias`, and `linN.weight` of a stage. */
export function perceptualParameters(channels: readonly number[] = vgg16Channels): ParameterSpec {
  const parts = stages.flatMap((layers, stage) => [
    ...layers.map((layer, index) => {
      const inputs = index > 0 ? channels[stage]! : stage > 0 ? channels[stage - 1]! : 3;
      return convolutionParameters(`features.${layer}`, inputs, channels[stage]!);
    }),
    convolutionParameters(`lin${stage}`, channels[stage]!, 1, { window: 1, bias: 'without' }),
  ]);
  return Object.assign({}, ...parts) as ParameterSpec;
}

/**
 * The distance of pictures from others, differentiable in both.
 *
 * @param params see {@link perceptualParameters}
 * @param one `[B, H, W, 3]` in [-1, 1], sides of at least 16
 * @param other of the same shape
 * @returns `[B]`, 0 for equal pictures
 */
export function perceptualDistance(params: NamedTensors, one: Tensor, other: Tensor): Tensor {
  const others = normalizedFeatures(params, other);
  const distances = normalizedFeatures(params, one).map((features, stage) => {
    const perPosition = convolution(params, `lin${stage}`, square(sub(features, others[stage]!))); // [B, h, w, 1]
    return squeeze(mean(perPosition, [1, 2]), [1]); // [B]
  });
  return addN(distances);
}

/** Features after every stage, of length 1 at every position. @returns `[B, h, w, C]` five times */
function normalizedFeatures(params: NamedTensors, pixels: Tensor): readonly Tensor[] {
  let x = div(sub(pixels, tensor1d([...colours.mean])), tensor1d([...colours.deviation]));
  return stages.map((layers, stage) => {
    if (stage > 0) x = maxPool(x as Tensor4D, 2, 2, 'valid');
    for (const layer of layers) x = relu(convolution(params, `features.${layer}`, x));
    return mul(x, rsqrt(add(sum(square(x), 3, true), epsilon)));
  });
}
