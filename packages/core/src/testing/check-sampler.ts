/**
 * The checks of a sampler: its plan belongs to the schedule, its steps are pure and can be stored and taken up anywhere,
 * and with exact networks it lands where the mathematics says.
 */
import type { NoiseSchedule } from '../contracts/noise-schedule.ts';
import type { Sampler, SamplingRequest } from '../contracts/sampler.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import type { NetworkKind } from './exact-network.ts';
import { insistPlainSettings } from './plain-settings.ts';
import { referenceSchedules } from './reference-schedules.ts';
import { type SamplerCase, samplerCases } from './sampler-case.ts';
import { insistGaussian, insistPoint } from './sampler-data-checks.ts';
import * as plan from './sampler-plan-checks.ts';
import * as step from './sampler-step-checks.ts';

/** What a sampler's suite takes. */
export interface SamplerCheckOptions extends CheckOptions {
  /** Schedules it must work over. @default the kit's own: a straight path, and a quarter circle without and with timesteps */
  readonly schedules?: readonly NoiseSchedule[];
  /** Numbers of steps that are tried. @default [1, 2, 7] */
  readonly steps?: readonly number[];
  /** Other fields of every request, for samplers that need them. @default none */
  readonly request?: Omit<SamplingRequest, 'steps'>;
  /** Made for a network that denoises, or for a distilled one that says where the trajectory ends. @default 'denoiser' */
  readonly network?: NetworkKind;
  /** How near to the point that the network knows a run ends. @default 0.001 */
  readonly landing?: number;
  /** How near mean and deviation come to those of Gaussian data, and in how many steps. @default 0.05 in 200 */
  readonly accuracy?: { readonly tolerance?: number; readonly steps?: number };
}

/**
 * The suite of a sampler.
 *
 * @example
 * ```ts
 * import { checkSampler, straightSchedule } from '@transfuse/core/testing';
 * import { createEulerSampler } from '@transfuse/plugins/samplers';
 * const suite = checkSampler(() => createEulerSampler(), { schedules: [straightSchedule] });
 * console.assert((await suite.run()).outcome === 'passed'); // or, in a test file: suite.register({ describe, it })
 * ```
 */
export function checkSampler(create: () => Sampler | Promise<Sampler>, options: SamplerCheckOptions = {}): CheckSuite {
  const { schedules = referenceSchedules, request = {}, network = 'denoiser', landing = 1e-3 } = options;
  const { tolerance = 0.05, steps: many = 200 } = options.accuracy ?? {};
  const each =
    (check: (one: SamplerCase) => void | Promise<void>, steps = options.steps ?? [1, 2, 7]) =>
    async () => {
      for (const one of samplerCases(await create(), { schedules, steps, request })) await check(one);
    };
  return createSuite(
    'sampler',
    {
      'has a name and plain settings': async () => insistPlainSettings(await create()),
      'plans times that fall': each(plan.insistFallingTimes),
      'plans levels that are those of the schedule at these times': each(plan.insistLevelsOfSchedule),
      'lists the evaluation that each step begins with': each(plan.insistStepsList),
      'plans the same run for the same request': each(plan.insistSamePlan),
      'starts from the noise times one number': each(plan.insistStart),
      'starts from a clean latent at every step': each(plan.insistStartAnywhere),
      'refuses to start where no step is, or from a latent of another size': each(plan.insistStartRefuses),
      'steps purely, one evaluation at a time': each(step.insistPureSteps),
      'leaves the noise it is given as it is': each(step.insistNoiseUntouched),
      'goes on from a state stored as JSON after any evaluation': each(step.insistResumable),
      'asks for noise in whole latents, of any size': each(step.insistWholeLatents),
      'refuses estimates of another size': each(step.insistSizes),
      'refuses to step where no evaluation is': each(step.insistEnd),
      'refuses a number of steps that is no positive integer': each(step.insistStepCounts, [1]),
      'lands on the point that an exact network knows, from every step': each((one) =>
        insistPoint(one, network, landing),
      ),
      'reaches mean and deviation of Gaussian data with many steps': each(
        (one) => insistGaussian(one, network, tolerance),
        [many],
      ),
    },
    options,
  );
}
