import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { integerSetting } from '../../schedules/setting.ts';
import { float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { counted, countedNames, kernelFamily, sumOfProducts } from '../kernel-family.ts';
import { heldSlope } from './held-clean.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { lagrangeIntegrals } from './lagrange-integral.ts';
import { lagrangeQuadrature } from './lagrange-quadrature.ts';
import { noiseAxis } from '../noise-axis.ts';
import { plannedWeights } from '../planned-weights.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun, keptAt } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';

// The linear multistep method on the probability-flow ODE (Crowson's k-diffusion): the slopes of the last few steps are
// joined by a polynomial in sigma, which is integrated over the next step (Adams and Bashforth's method, with the uneven
// steps of the noise levels). One evaluation a step; the first steps have fewer slopes to join.

/** Settings of {@link createLmsSampler}. */
export interface LmsOptions extends LadderOptions {
  /** How many slopes are joined, 1 (Euler's method) to 20; above 4 the method soon loses its stability. @default 4 */
  readonly order?: number;
}

const orders = { minimum: 1, maximum: 20 } as const;
const f = Math.fround;

/**
 * The LMS sampler, deterministic, over any schedule. Over a discrete schedule it is diffusers' `LMSDiscreteScheduler`,
 * whose own default is spacing `linspace`. Memory: the slopes of up to `order - 1` steps, the latest first; a run that
 * begins in the middle starts with none.
 *
 * Throws `schedule.invalid` for a setting out of range, and `begin` for a request with timesteps or sigmas of its own.
 *
 * @example
 * ```ts
 * import { createLmsSampler } from '@transfuse/plugins/samplers';
 * import { createCosineSchedule } from '@transfuse/plugins/schedules';
 * const run = createLmsSampler({ order: 2 }).begin(createCosineSchedule(), { steps: 25 });
 * console.assert(run.evaluations.length === 25 && run.steps.length === 25);
 * ```
 */
export function createLmsSampler(options: LmsOptions = {}): Sampler {
  const config = Object.freeze({
    ...ladderSettings('lms', options),
    order: integerSetting({ place: 'lms.order', value: options.order, fallback: 4, ...orders }),
  });
  return {
    name: 'lms',
    config,
    begin(schedule, request) {
      const axis = noiseAxis(schedule);
      const ladder = layLadder(schedule, axis, request, { ...config, sampler: 'lms', custom: [] });
      const { sigmas, times } = ladder;
      const space = sigmaSpace(axis);
      const integrals = space.tabled ? lagrangeQuadrature : lagrangeIntegrals;
      const weightsOf = plannedWeights(
        times.length,
        (index) => Math.min(config.order, index + 1),
        (index, order) => {
          const points = Array.from({ length: order }, (_, k) => sigmas[index - k]!);
          return integrals(points, { from: sigmas[index]!, to: sigmas[index + 1]! });
        },
      );
      return createSigmaRun({
        ...config,
        sampler: 'lms',
        space,
        ladder,
        stops: times.map((time, i) => ({ sigma: sigmas[i]!, time })),
        advance(index, point) {
          const joined = Math.min(config.order - 1, point.kept.length, index);
          const slopes = [heldSlope(point)];
          for (let k = 0; k < joined; k += 1) slopes.push(keptAt(point, k, 'lms'));
          const kept = slopes.slice(0, config.order - 1);
          if (sigmas[index] === sigmas[index + 1]) return { u: point.u.slice(), kept };
          return { u: joinedStep(point.u, slopes, weightsOf(index, slopes.length)), kept };
        },
      });
    },
  };
}

const joined = kernelFamily((count: number) => {
  const [slopes, weights] = [countedNames('x', count), countedNames('a', count)];
  return elementKernel({ arrays: ['u', ...slopes], numbers: weights }, ({ u, ...parts }) => {
    const sum = sumOfProducts(
      float32,
      slopes.map((name, i) => [parts[weights[i]!]!, parts[name]!]),
    );
    return { next: float32.plus(u!, sum) };
  });
});

/** u + the sum of slopes times weights, rounded after every operation, a new array. */
function joinedStep(u: Float32Array, slopes: readonly Float32Array[], weights: readonly number[]): Float32Array {
  return joined(slopes.length)({ u, ...counted('x', slopes) }, counted('a', weights.map(f))).next;
}

/** The LMS sampler as a plugin's contribution: `sampler`, `lms`. */
export const lmsContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'lms',
  description: 'A linear multistep method on the probability-flow ODE (k-diffusion), deterministic, of order 4.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...ladderSchemas,
      order: {
        type: 'integer',
        ...orders,
        default: 4,
        description: 'How many slopes are joined; 1 is Euler’s method.',
      },
    },
  },
  create: (config) => createLmsSampler(config as LmsOptions),
};
