import { type Contribution, type Sampler, type SamplingRequest } from '@transfuse/core/contracts';
import { numberSetting } from '../../schedules/setting.ts';
import {
  edmRange,
  edmSigmas,
  edmSpacing,
  type EdmSpacing,
  type EdmSpacingOptions,
  edmSpacingSchemas,
} from './edm-spacing.ts';
import { float64 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import {
  churned,
  churnedLevel,
  noiseChurn,
  type NoiseChurnOptions,
  noiseChurnSchemas,
  plainChurn,
} from '../noise-churn.ts';
import { ratioMeasure } from '../noise-measure.ts';
import { refuseList, requestedList, requestedSteps } from '../requested-steps.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { weightedSum } from '../weighted-sum.ts';

// Euler's method in the formulation of EDM (Karras et al. 2022, arXiv 2206.00364, algorithm 2 without its correction): on
// x = latent / alpha, which is clean data plus noise of deviation sigma, the derivative dx / dsigma is the estimated
// noise. Churn raises sigma before a step, after the network was asked: its preconditioned output F is then read again
// as if for the raised sigma, F being a mixture of the clean estimate and the noise by EDM's preconditioning.

/** Settings of {@link createEdmEulerSampler}; sigmas are noise over signal, sigma / alpha. */
export interface EdmEulerOptions extends EdmSpacingOptions, NoiseChurnOptions {
  /** Standard deviation of the data, which only churn reads, 0.001 to 1000. @default 0.5 */
  readonly sigmaData?: number;
}

/**
 * Euler's method over EDM's noise levels, over any schedule; one evaluation a step, deterministic unless `churn` is
 * above 0. A request's `sigmas` are noise levels, falling; a list that rises within 0 to 1 is taken as places on the
 * spacing, from `sigmaMax` at 0 to `sigmaMin` at 1, as diffusers takes it.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says, `begin` also
 * where the schedule does not reach the sigmas, and for `timesteps` in the request.
 *
 * @example
 * ```ts
 * import { createEdmEulerSampler } from '@transfuse/plugins/samplers';
 * import { createEdmSchedule } from '@transfuse/plugins/schedules';
 * const [first] = createEdmEulerSampler().begin(createEdmSchedule(), { steps: 18 }).evaluations;
 * console.assert(first !== undefined && Math.abs(first.level.sigma / first.level.alpha - 80) < 1e-4);
 * ```
 */
export function createEdmEulerSampler(options: EdmEulerOptions = {}): Sampler {
  const spacing = edmSpacing('edm-euler', options);
  const churn = noiseChurn('edm-euler', options);
  const sigmaData = numberSetting({
    place: 'edm-euler.sigmaData',
    value: options.sigmaData,
    fallback: 0.5,
    minimum: 0.001,
    maximum: 1000,
  });
  return {
    name: 'edm-euler',
    config: Object.freeze({ ...spacing, ...plainChurn(churn), sigmaData }),
    begin(schedule, request) {
      refuseList('edm-euler', 'timesteps', request);
      const measure = ratioMeasure(schedule);
      const range = edmRange('edm-euler', spacing, measure);
      const visited = visitedSigmas({ ...spacing, ...range }, request);
      const evaluations = visited.map((sigma) => measure.evaluation(sigma));
      const alphas = [...evaluations.map(({ level }) => level.alpha), 1];
      const sigmas = [...visited, spacing.end === 'clean' ? 0 : (visited.at(-1) as number)];
      return createSamplingRun({
        sampler: 'edm-euler',
        evaluations,
        startScale: Math.sqrt(range.sigmaMax ** 2 + 1) * (alphas[0] as number),
        advance(index, { latent }, { clean, noise: noisy }, noise) {
          const [alpha, nextAlpha] = [alphas[index] as number, alphas[index + 1] as number];
          const [sigma, next] = [sigmas[index] as number, sigmas[index + 1] as number];
          const raised = churnedLevel(churn, sigma, visited.length);
          if (!raised.draws) {
            const [keep, change] = [nextAlpha / alpha, nextAlpha * (next - sigma)];
            return {
              latent: weightedSum([
                [keep, latent],
                [change, noisy],
              ]),
            };
          }
          const fresh = noise();
          const output = preconditioned(sigma, sigmaData);
          const { skip, out } = preconditioning(raised.sigma, sigmaData);
          const part = (next - raised.sigma) / raised.sigma;
          const keep = nextAlpha * (1 + part * (1 - skip));
          const change = -nextAlpha * part * out;
          const { scale, added } = raised;
          const numbers = { alpha, scale, added, keep, change, ofClean: output.clean, ofNoise: output.noise };
          return { latent: churnedStep({ latent, clean, noisy, fresh }, numbers).next };
        },
      });
    },
  };
}

const { plus, times, over } = float64;

/** A step from the raised level, with the network's output put together again. */
const churnedStep = elementKernel(
  {
    arrays: ['latent', 'clean', 'noisy', 'fresh'],
    numbers: ['alpha', 'scale', 'added', 'keep', 'change', 'ofClean', 'ofNoise'],
  },
  ({ latent, clean, noisy, fresh, alpha, scale, added, keep, change, ofClean, ofNoise }) => {
    const x = churned(over(latent, alpha), { fresh, scale, added });
    const output = plus(times(ofClean, clean), times(ofNoise, noisy));
    return { next: plus(times(keep, x), times(change, output)) };
  },
);

/** The sigmas of the evaluations, planned or as the request has them. */
function visitedSigmas(
  spacing: EdmSpacing & { readonly sigmaMin: number; readonly sigmaMax: number },
  request: SamplingRequest,
): number[] {
  const { sigmas } = request;
  if (sigmas === undefined) {
    return edmSigmas(spacing, { steps: requestedSteps('edm-euler', request), precision: 'double' });
  }
  const rising =
    sigmas[0] === 0 || (sigmas.length > 1 && sigmas.every((place, i) => i === 0 || place > sigmas[i - 1]!));
  if (!rising) {
    const range = { minimum: spacing.sigmaMin, maximum: spacing.sigmaMax };
    return (requestedList('edm-euler', 'sigmas', request, range) as number[]).map(Math.fround);
  }
  const falling = { ...request, sigmas: sigmas.toReversed() };
  requestedList('edm-euler', 'sigmas', falling, { minimum: 0, maximum: 1 });
  return edmSigmas(spacing, { steps: sigmas.length, precision: 'double', places: sigmas });
}

/** EDM's network output F as a mixture of clean data and noise. */
function preconditioned(sigma: number, sigmaData: number): { readonly clean: number; readonly noise: number } {
  const scale = 1 / Math.hypot(sigma, sigmaData);
  return { clean: (scale * sigma) / sigmaData, noise: -scale * sigmaData };
}

/** How EDM makes the clean estimate of x and F: `skip * x + out * F`. */
function preconditioning(sigma: number, sigmaData: number): { readonly skip: number; readonly out: number } {
  const variance = sigma ** 2 + sigmaData ** 2;
  return { skip: sigmaData ** 2 / variance, out: (sigma * sigmaData) / Math.sqrt(variance) };
}

/** The sampler as a plugin's contribution: `sampler`, `edm-euler`. */
export const edmEulerContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'edm-euler',
  description: 'Euler’s method over the noise levels of EDM (Karras et al. 2022), with optional churn.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...edmSpacingSchemas,
      ...noiseChurnSchemas,
      sigmaData: {
        type: 'number',
        minimum: 0.001,
        maximum: 1000,
        default: 0.5,
        description: 'Standard deviation of the data, which only churn reads.',
      },
    },
  },
  create: (config) => createEdmEulerSampler(config as EdmEulerOptions),
};
