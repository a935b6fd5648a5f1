import type { DenoisingEstimate } from '@transfuse/core/contracts';
import { type CleanLimit, limitClean } from '../clean-limit.ts';
import { constant, float32, float64, type Formula, rounded } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import type { LogSnrPoint } from './log-snr-point.ts';
import type { NoisePath } from '../noise-axis.ts';

// The two estimates that samplers of the log-SNR family integrate, of the clean data and of the noise, with the clean
// data kept within a limit. Near pure noise, alpha 5e-5 at the end of the cosine schedule, a step that integrates the
// noise magnifies its float32 rounding ten thousandfold: diffusers' own first latents then carry errors in the fourth
// digit. Where it is known what the network predicted, the noise is rounded here as it is there, operation by operation.

/** What the network predicts, where that is known. */
export type KnownPrediction = 'unknown' | 'epsilon' | 'sample' | 'velocity';

/** All, for choice settings and schemas. */
export const knownPredictions: readonly KnownPrediction[] = ['unknown', 'epsilon', 'sample', 'velocity'];

/** At what an estimate was made, and how it is to be read. */
export interface EstimateReading {
  readonly point: LogSnrPoint;
  readonly path: NoisePath;
  readonly limit: CleanLimit;
  readonly prediction: KnownPrediction;
  /** Whether the noise always is what the clean estimate leaves of the latent, even where the noise was predicted. */
  readonly throughClean: boolean;
}

const { plus, minus, times, over } = float32;

/** The clean estimate within its limit: the estimate's own array where there is none, not to be written to. */
export function cleanEstimate(estimate: DenoisingEstimate, limit: CleanLimit): Float32Array {
  return limitClean(estimate, limit);
}

/**
 * The noise estimate; with a limit, the noise that the limited clean estimate leaves. It may be the estimate's own array
 * and is not to be written to.
 */
export function noiseEstimate(
  latent: Float32Array,
  estimate: DenoisingEstimate,
  reading: EstimateReading,
): Float32Array {
  const { point, prediction, limit, throughClean } = reading;
  if (throughClean) {
    if (limit.limit === 'none' && prediction === 'unknown') return estimate.noise;
    const clean = prediction === 'epsilon' ? cleanOf(latent, estimate.noise, point) : estimate.clean;
    return noiseOf(latent, limitClean({ clean }, limit), point);
  }
  const noise = predictedNoise(latent, estimate, reading);
  if (limit.limit === 'none') return noise;
  return noiseOf(latent, limitClean({ clean: cleanOf(latent, noise, point) }, limit), point);
}

function predictedNoise(
  latent: Float32Array,
  { clean, noise }: DenoisingEstimate,
  { point, path, prediction }: EstimateReading,
): Float32Array {
  if (prediction === 'unknown' || prediction === 'epsilon') return noise;
  if (prediction === 'sample') return noiseOf(latent, clean, point);
  const output = path === 'straight' ? ofStraight : ofVelocity;
  return output({ latent, clean, noise }, { alpha: point.alpha, sigma: point.sigma }).found;
}

type Parts = Readonly<Record<'latent' | 'clean' | 'noise' | 'alpha' | 'sigma', Formula>>;

/** The noise of the network's output, which is computed again, exact enough as alpha is small where digits matter. */
const noiseOfOutput = (outputOf: (parts: Parts) => Formula) =>
  elementKernel({ arrays: ['latent', 'clean', 'noise'], numbers: ['alpha', 'sigma'] }, (parts) => {
    const { latent, alpha, sigma } = parts;
    return { found: plus(times(alpha, rounded(outputOf(parts))), times(sigma, latent)) };
  });

const ofStraight = noiseOfOutput(({ latent, clean, sigma }) =>
  float64.over(float64.minus(float64.times(float64.plus(constant(1), sigma), latent), clean), sigma),
);
const ofVelocity = noiseOfOutput(({ clean, noise, alpha, sigma }) =>
  float64.minus(float64.times(alpha, noise), float64.times(sigma, clean)),
);

/** What noise leaves of a latent as clean data. */
function cleanOf(latent: Float32Array, noise: Float32Array, { alpha, sigma }: LogSnrPoint): Float32Array {
  return remainder(latent, noise, { of: sigma, over: alpha });
}

/** What clean data leave of a latent as noise. */
function noiseOf(latent: Float32Array, clean: Float32Array, { alpha, sigma }: LogSnrPoint): Float32Array {
  return remainder(latent, clean, { of: alpha, over: sigma });
}

/** `(latent - of * part) / over`, a new array. */
function remainder(
  latent: Float32Array,
  part: Float32Array,
  { of, over: divisor }: { readonly of: number; readonly over: number },
): Float32Array {
  return remainderKernel({ latent, part }, { of, over: divisor }).rest;
}

const remainderKernel = elementKernel(
  { arrays: ['latent', 'part'], numbers: ['of', 'over'] },
  ({ latent, part, of, over: divisor }) => ({ rest: over(minus(latent, times(of, part)), divisor) }),
);
