/**
 * The algebra between the three things a diffusion network can predict. At one time, `noisy = alpha clean + sigma
 * noise` is known, so a prediction of any one of noise, clean sample and velocity decides the other two, linearly
 * (Salimans and Ho 2022, appendix D). Two consequences carry the whole objective: a target is two numbers per image,
 * and an error in one space is the error in another times a number.
 */
import type { NoiseLevel, PredictionType } from '../contracts/noise-schedule.ts';
import type { DenoisingEstimate } from '../contracts/sampler.ts';

/** A quantity as `clean * a + noise * b`. */
export interface Mixture {
  readonly clean: number;
  readonly noise: number;
}

/** What the network should output at a noise level, in terms of the clean sample and the noise. */
export function targetMixture(prediction: PredictionType, level: NoiseLevel): Mixture {
  if (prediction === 'sample') return { clean: 1, noise: 0 };
  if (prediction === 'epsilon') return { clean: 0, noise: 1 };
  return level.velocity;
}

/**
 * How much an error of 1 in the network's output is worth in another space: `|d other / d output|` at fixed noisy
 * input. From `p = a clean + b noise` and `noisy = alpha clean + sigma noise`, a change of p at fixed noisy input
 * moves clean by sigma / (a sigma - b alpha) and noise by -alpha / (a sigma - b alpha).
 */
export function errorScale(from: PredictionType, to: PredictionType, level: NoiseLevel): number {
  if (from === to) return 1; // also where a conversion would divide by zero
  const { alpha, sigma } = level;
  const source = targetMixture(from, level);
  const target = targetMixture(to, level);
  return Math.abs((target.clean * sigma - target.noise * alpha) / (source.clean * sigma - source.noise * alpha));
}

/**
 * Turns the network's output at a noisy latent into consistent estimates of the clean sample and the noise. Predicted
 * noise says nothing of the sample where there is only noise (alpha 0); the estimate is then the mean of data, 0.
 */
export function toEstimate(
  output: Float32Array,
  noisy: Float32Array,
  prediction: PredictionType,
  level: NoiseLevel,
): DenoisingEstimate {
  const { alpha, sigma } = level;
  const { clean: a, noise: b } = targetMixture(prediction, level);
  const determinant = a * sigma - b * alpha;
  const { length } = output;
  const clean = new Float32Array(length);
  const noise = new Float32Array(length);
  if (determinant === 0) {
    (prediction === 'sample' ? clean : noise).set(output);
    return { clean, noise };
  }
  const [ofOutput, ofNoisy] = [sigma / determinant, b / determinant];
  const [noiseOfNoisy, noiseOfOutput] = [a / determinant, alpha / determinant];
  for (let i = 0; i < length; i++) {
    const predicted = output[i]!;
    const latent = noisy[i]!;
    clean[i] = ofOutput * predicted - ofNoisy * latent;
    noise[i] = noiseOfNoisy * latent - noiseOfOutput * predicted;
  }
  return { clean, noise };
}
