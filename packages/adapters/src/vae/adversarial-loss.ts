/**
 * The two sides of adversarial training with the hinge loss (Lim and Ye 2017), and how much the decoder's side counts: as
 * much as makes its gradient in the decoder's last layer as long as that of all other losses (Esser et al. 2021, arXiv
 * 2012.09841, equation 7), times a factor.
 */
import {
  add,
  clipByValue,
  div,
  mean,
  mul,
  neg,
  relu,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** The largest weight before the factor. */
const largestWeight = 1e4;

/** What the decoder minimizes: the negative score of decoded pictures. @param scores any shape @returns `[]` */
export function decoderHinge(scores: Tensor): Tensor {
  return neg(mean(scores));
}

/** What the discriminator minimizes: real scores below 1 and decoded scores above -1. @returns `[]` */
export function discriminatorHinge(real: Tensor, decoded: Tensor): Tensor {
  return mul(add(mean(relu(sub(1, real))), mean(relu(add(1, decoded)))), 0.5);
}

/**
 * The ratio of the lengths of two gradients in the same weights, at most 10,000; 0 where the first is 0.
 *
 * @param others of all other losses @param adversarial of the adversarial loss, of the same shape @returns `[]`
 */
export function adaptiveWeight(others: Tensor, adversarial: Tensor): Tensor {
  return clipByValue(div(length(others), add(length(adversarial), 1e-4)), 0, largestWeight);
}

function length(gradient: Tensor): Tensor {
  return sqrt(sum(square(gradient)));
}
