import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { constant, float32, float64, rounded } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { planFlow } from './flow-plan.ts';
import { flowSpacing, flowSpacingSchemas, type FlowSpacingOptions } from './flow-spacing.ts';
import {
  churnedLevel,
  noiseChurn,
  type NoiseChurnOptions,
  noiseChurnSchemas,
  plainChurn,
  withChurn,
} from '../noise-churn.ts';
import { leastShare, shareMeasure } from '../noise-measure.ts';
import { refuseList } from '../requested-steps.ts';
import { stageMemory } from '../run-memory.ts';
import { createSamplingRun } from '../sampling-run.ts';

// Heun's method along the straight path of flow matching (Karras et al. 2022, algorithm 1, with the velocity noise -
// clean as derivative): an Euler step to the next share of noise, a second evaluation there, and the step again with the
// mean of both velocities. The last step, to clean data, is Euler's. Second order, two evaluations a step.

/** Settings of {@link createFlowHeunSampler}; sigmas of the churn are shares of noise. */
export interface FlowHeunOptions extends Pick<FlowSpacingOptions, 'timesteps' | 'shift'>, NoiseChurnOptions {}

/**
 * Heun's method for flow matching, over any schedule; `2 * steps - 1` evaluations, deterministic unless `churn` is above
 * 0. With velocity or sample prediction the run may begin at pure noise. Churn is diffusers': noise that the network was
 * not shown is added to a step's start and not taken back, so it moves the result away from the network's data.
 *
 * Throws `schedule.invalid` for a setting out of range; `begin` and `step` throw it as the contract says, `begin` also
 * for `timesteps` and `sigmas` in the request, which this sampler plans itself.
 *
 * @example
 * ```ts
 * import { createFlowHeunSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createFlowHeunSampler().begin(createFlowMatchingSchedule(), { steps: 10 });
 * console.assert(run.evaluations.length === 19 && run.steps.length === 10);
 * ```
 */
export function createFlowHeunSampler(options: FlowHeunOptions = {}): Sampler {
  const { timesteps, shift } = options;
  const spacing = flowSpacing('flow-heun', {
    ...(timesteps !== undefined && { timesteps }),
    ...(shift !== undefined && { shift }),
  });
  const churn = noiseChurn('flow-heun', options);
  return {
    name: 'flow-heun',
    config: Object.freeze({ timesteps: spacing.timesteps, shift: spacing.shift, ...plainChurn(churn) }),
    begin(schedule, request) {
      refuseList('flow-heun', 'timesteps', request);
      refuseList('flow-heun', 'sigmas', request);
      const measure = shareMeasure(schedule);
      const range = { largest: measure.largest, smallest: leastShare(schedule, spacing.timesteps) };
      const plan = planFlow('flow-heun', spacing, request, range);
      const shares = plan.shares.map((share) => measure.within(share));
      const count = 2 * shares.length - 3;
      const visited = Array.from({ length: count }, (_, index) => shares[Math.ceil(index / 2)] as number);
      const evaluations = visited.map((share) => measure.evaluation(share));
      const scales = [...evaluations.map(({ level }) => level.alpha + level.sigma), 1];
      return createSamplingRun({
        sampler: 'flow-heun',
        evaluations,
        steps: visited.map((_, index) => index).filter((index) => index % 2 === 0),
        ...(measure.straight && { startScale: 1 }),
        advance(index, state, estimate, noise) {
          const [share, next] = [shares[index >> 1] as number, shares[(index >> 1) + 1] as number];
          const raised = churnedLevel(churn, share, count);
          const scale = scales[index + 1] as number;
          const change = Math.fround(next - raised.sigma);
          const unraised = straightened({ latent: state.latent }, { scale: scales[index] as number }).at;
          const at = raised.draws ? withChurn(unraised, noise(), raised) : unraised;
          if (index % 2 === 1) {
            const [start, slope] = stageMemory('flow-heun', state, 2) as [Float32Array, Float32Array];
            return corrected({ at, start, slope, ...estimate }, { share: next, change, scale });
          }
          const { slope } = earlierSlope(estimate, { factor: share / raised.sigma });
          const { latent } = stepped({ start: at, slope }, { change, scale });
          return { latent, memory: index === count - 1 ? [] : [at, slope] };
        },
      });
    },
  };
}

const { plus, minus, times, over } = float64;

/** A latent as it lies on the straight path. */
const straightened = elementKernel({ arrays: ['latent'], numbers: ['scale'] }, ({ latent, scale }) => ({
  at: over(latent, scale),
}));

/** The slope at the start of a step; after churn the same velocity, spread over the raised share. */
const earlierSlope = elementKernel({ arrays: ['clean', 'noise'], numbers: ['factor'] }, ({ clean, noise, factor }) => ({
  slope: times(factor, minus(noise, clean)),
}));

/** The latent after a step along a slope. */
const stepped = elementKernel(
  { arrays: ['start', 'slope'], numbers: ['change', 'scale'] },
  ({ start, slope, change, scale }) => ({ latent: times(scale, plus(start, times(change, slope))) }),
);

/**
 * The latent after the step along the mean of both slopes. The slope at the end of a step is (x - clean) / share: the
 * velocity, and what float32 makes of it there, where shares are small and steps are large.
 */
const corrected = elementKernel(
  { arrays: ['at', 'start', 'slope', 'clean', 'noise'], numbers: ['share', 'change', 'scale'] },
  ({ at, start, slope, clean, noise, share, change, scale }) => {
    const found = float32.minus(at, float32.times(float32.minus(noise, clean), share));
    const later = float32.over(float32.minus(at, found), share);
    const mean = rounded(times(constant(0.5), plus(later, slope)));
    return { latent: times(scale, plus(start, times(change, mean))) };
  },
);

/** The sampler as a plugin's contribution: `sampler`, `flow-heun`. */
export const flowHeunContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'flow-heun',
  description: 'Heun’s method for flow matching: second order, two evaluations a step.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      timesteps: flowSpacingSchemas.timesteps,
      shift: flowSpacingSchemas.shift,
      ...noiseChurnSchemas,
    },
  },
  create: (config) => createFlowHeunSampler(config as FlowHeunOptions),
};
