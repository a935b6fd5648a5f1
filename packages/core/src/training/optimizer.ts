/**
 * AdamW with decoupled weight decay (Loshchilov and Hutter 2019), global-norm clipping and an exponential moving
 * average of the weights, as one pure update per parameter. Bias corrections, learning rate and averaging decay come
 * in as numbers, so one compiled step serves a whole run. The arithmetic is arranged to touch each large array as few
 * times as it can; parameters are updated one after another, so each stays in cache for its whole update.
 */
import { add, div, minimum, mul, scalar, sqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { ParameterSpec } from '../contracts/parameters.ts';
import type { NamedTensors } from '../contracts/tensors.ts';
import { sumOfSquares } from '../engine/primitives/sum-of-squares.ts';

/** Settings that do not change during a run. */
export interface OptimizerConfig {
  readonly betas: readonly [number, number];
  /** At least 1e-15. */
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest global norm of the gradient; larger ones are scaled down to it. */
  readonly clip: number;
}

/** Numbers that change every step, each `[]`. */
export interface StepScalars {
  readonly learningRate: Tensor;
  /** `1 / (1 - beta1^step)` */
  readonly firstCorrection: Tensor;
  /** `1 / (1 - beta2^step)` */
  readonly secondCorrection: Tensor;
  /** Decay of the moving average, 0 to 1. */
  readonly averageDecay: Tensor;
}

/** New values of everything the optimizer owns, by parameter name. */
export interface OptimizerUpdate {
  readonly parameters: NamedTensors;
  readonly first: NamedTensors;
  readonly second: NamedTensors;
  readonly average: NamedTensors;
  /** `[]` global norm of the gradient before clipping. */
  readonly gradientNorm: Tensor;
}

/**
 * Moments are rounded to about these, 1e-27 and 1e-36, which no step of a weight can show where epsilon is 1e-15 or more.
 * Without gradients, as for words that do not occur, they would decay to numbers too small for a float's full precision and
 * stay there, and processors compute with such numbers twenty times slower.
 */
const [firstStep, secondStep] = [2 ** -89, 2 ** -119];

/** To the nearest multiple, or half of one below zero; larger numbers lose at most their last bit. */
function inSteps(x: Tensor, step: number): Tensor {
  const large = step * 2 ** 23; // floats from here on are a step apart
  return sub(add(x, large), large);
}

/** One optimizer step; pure. */
export function adamW(
  spec: ParameterSpec,
  config: OptimizerConfig,
  state: {
    readonly parameters: NamedTensors;
    readonly first: NamedTensors;
    readonly second: NamedTensors;
    readonly average: NamedTensors;
  },
  gradients: NamedTensors,
  scalars: StepScalars,
): OptimizerUpdate {
  const [beta1, beta2] = config.betas;
  const names = Object.keys(spec);
  const gradientNorm = sqrt(
    names.map((name) => sumOfSquares(gradients[name]!)).reduce((total, part) => add(total, part)),
  );
  const clipScale = minimum(div(config.clip, add(gradientNorm, 1e-6)), 1);
  const firstShare = mul(clipScale, 1 - beta1);
  const secondShare = mul(square(clipScale), 1 - beta2);
  const decayed = sub(1, mul(scalars.learningRate, config.weightDecay));
  // lr m^ / (sqrt(v^) + eps) with m^ = c1 m, v^ = c2 v equals (lr c1 / sqrt c2) m / (sqrt v + eps / sqrt c2).
  const rootCorrection = sqrt(scalars.secondCorrection);
  const stepSize = div(mul(scalars.learningRate, scalars.firstCorrection), rootCorrection);
  const epsilon = div(scalar(config.epsilon), rootCorrection);
  const averageShare = sub(1, scalars.averageDecay);

  const parameters: Record<string, Tensor> = {};
  const first: Record<string, Tensor> = {};
  const second: Record<string, Tensor> = {};
  const average: Record<string, Tensor> = {};
  for (const name of names) {
    const [weight, gradient] = [state.parameters[name]!, gradients[name]!];
    const m = inSteps(add(mul(state.first[name]!, beta1), mul(gradient, firstShare)), firstStep);
    const v = inSteps(add(mul(state.second[name]!, beta2), mul(square(gradient), secondShare)), secondStep);
    const step = div(mul(m, stepSize), add(sqrt(v), epsilon));
    const next = sub(spec[name]!.decay && config.weightDecay > 0 ? mul(weight, decayed) : weight, step);
    const mean = state.average[name]!;
    parameters[name] = next;
    first[name] = m;
    second[name] = v;
    average[name] = add(mean, mul(sub(next, mean), averageShare));
  }
  return { parameters, first, second, average, gradientNorm };
}
