import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { integerSetting } from '../../schedules/setting.ts';
import { type LadderOptions, ladderSchemas, ladderSettings } from './ladder-settings.ts';
import { lagrangeIntegrals } from './lagrange-integral.ts';
import { lagrangeQuadrature } from './lagrange-quadrature.ts';
import { noiseAxis } from '../noise-axis.ts';
import { layLadder } from './sigma-ladder.ts';
import { createSigmaRun, keptAt } from './sigma-run.ts';
import { sigmaSpace } from './sigma-space.ts';
import { slopeAt } from './sigma-step.ts';

// The linear multistep method on the probability-flow ODE (Crowson's k-diffusion): the slopes of the last few steps are
// joined by a polynomial in sigma, which is integrated over the next step (Adams and Bashforth's method, with the uneven
// steps of the noise levels). One evaluation a step; the first steps have fewer slopes to join.

/** Settings of {@link createLmsSampler}. */
export interface LmsOptions extends LadderOptions {
  /** How many slopes are joined, 1 (Euler's method) to 20; above 4 the method soon loses its stability. @default 4 */
  readonly order?: number;
}

const orders = { minimum: 1, maximum: 20 } as const;

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
      return createSigmaRun({
        ...config,
        sampler: 'lms',
        space,
        ladder,
        stops: times.map((time, i) => ({ sigma: sigmas[i]!, time })),
        advance(index, point) {
          const [from, to] = [sigmas[index]!, sigmas[index + 1]!];
          const joined = Math.min(config.order - 1, point.kept.length, index);
          const earlier = Array.from({ length: joined }, (_, k) => keptAt(point, k, 'lms'));
          const slopes = [slopeAt(point.u, point.clean, from), ...earlier];
          const points = slopes.map((_, k) => sigmas[index - k]!);
          const u = from === to ? point.u.slice() : joinedStep(point.u, slopes, integrals(points, { from, to }));
          const kept = slopes.slice(0, config.order - 1).map((slope, k) => (k === 0 ? slope : slope.slice()));
          return { u, kept };
        },
      });
    },
  };
}

/** u + the sum of slopes times weights, rounded after every operation. */
function joinedStep(u: Float32Array, slopes: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const { fround } = Math;
  const rounded = weights.map(fround);
  const next = new Float32Array(u.length);
  for (let i = 0; i < u.length; i += 1) {
    let sum = 0;
    for (let k = 0; k < rounded.length; k += 1) sum = fround(sum + fround(rounded[k]! * slopes[k]![i]!));
    next[i] = u[i]! + sum;
  }
  return next;
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
