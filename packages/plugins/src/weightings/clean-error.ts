import type { NoiseLevel, PredictionType } from '@transfuse/core/contracts';
import { errorScale } from '@transfuse/core/objective';

// Published weightings are said in different spaces: a factor on the error of the noise, or of the clean sample. At one
// noise level an error in one space is the error in another times a number, so a weighting needs to be known in one
// space only and is right for every schedule and parametrisation. At the ends of time, where alpha or sigma is 0, such
// numbers can be infinite; there the level is taken a hair inside.

/** Alpha and sigma below this count as this: less than any schedule here has at a training time of its own. */
const smallest = 1e-5;

/** The level, moved so far inside that signal-to-noise ratios and conversions of errors are finite. */
export function insideLevel({ alpha, sigma, velocity }: NoiseLevel): NoiseLevel {
  return { alpha: Math.max(smallest, alpha), sigma: Math.max(smallest, sigma), velocity };
}

/** The signal-to-noise ratio, `alpha² / sigma²`, of a level that is inside. */
export function signalToNoise({ alpha, sigma }: NoiseLevel): number {
  return (alpha / sigma) ** 2;
}

/**
 * The factor on a squared error in `prediction`'s space that equals `weight` on the squared error in `space`: an error
 * of 1 in the one is `errorScale` in the other.
 */
export function weightElsewhere(
  weight: number,
  space: PredictionType,
  prediction: PredictionType,
  level: NoiseLevel,
): number {
  return weight * errorScale(prediction, space, level) ** 2;
}
