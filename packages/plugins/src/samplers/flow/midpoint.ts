import type { Contribution, Sampler } from '@transfuse/core/contracts';
import { choiceSetting } from '../../schedules/setting.ts';
import { shareMeasure } from '../noise-measure.ts';
import { refuseList, requestedSteps } from '../requested-steps.ts';
import { stageMemory } from '../run-memory.ts';
import { createSamplingRun } from '../sampling-run.ts';
import { moved } from './straight-path.ts';

// The explicit midpoint method along the straight path of flow matching, over evenly spaced times from noise to clean
// data: half a step along the velocity noise - clean, an evaluation there, and the whole step along what it says. It is
// what torchdiffeq's `midpoint` does, by which the PyTorch library transfusion-pytorch samples (its time runs the other
// way). Second order, two evaluations a step, and none of them at the clean end.

/** Settings of {@link createMidpointSampler}. */
export interface MidpointOptions {
  /**
   * What the requested steps count: the `times` of the grid, both ends included, as in transfusion-pytorch, whose 16 are
   * 15 steps and 30 evaluations; or the `steps` between them. @default 'times'
   */
  readonly counts?: 'times' | 'steps';
}

/**
 * The midpoint method, over any schedule; deterministic. With velocity or sample prediction the run may begin at pure
 * noise. One requested step is one step, whatever is counted.
 *
 * Throws `schedule.invalid` for a setting that is not there; `begin` and `step` throw it as the contract says, `begin`
 * also for `timesteps` and `sigmas` in the request, which this sampler plans itself.
 *
 * @example
 * ```ts
 * import { createMidpointSampler } from '@transfuse/plugins/samplers';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const run = createMidpointSampler().begin(createFlowMatchingSchedule(), { steps: 16 });
 * console.assert(run.evaluations.length === 30);
 * ```
 */
export function createMidpointSampler(options: MidpointOptions = {}): Sampler {
  const counts = choiceSetting<'times' | 'steps'>({
    place: 'midpoint.counts',
    value: options.counts,
    fallback: 'times',
    choices: ['times', 'steps'],
  });
  return {
    name: 'midpoint',
    config: Object.freeze({ counts }),
    begin(schedule, request) {
      refuseList('midpoint', 'timesteps', request);
      refuseList('midpoint', 'sigmas', request);
      const requested = requestedSteps('midpoint', request);
      const steps = counts === 'times' ? Math.max(1, requested - 1) : requested;
      const measure = shareMeasure(schedule);
      const half = measure.largest / steps / 2;
      const evaluations = Array.from({ length: 2 * steps }, (_, i) => measure.evaluation(measure.largest - i * half));
      const scales = [...evaluations.map(({ level }) => level.alpha + level.sigma), 1];
      return createSamplingRun({
        sampler: 'midpoint',
        evaluations,
        steps: Array.from({ length: steps }, (_, step) => 2 * step),
        ...(measure.straight && { startScale: 1 }),
        advance(index, state, estimate) {
          const scale = scales[index + 1] as number;
          if (index % 2 === 0) {
            const weights = { keep: scale / (scales[index] as number), change: -scale * half };
            return { latent: moved(state.latent, estimate, weights), memory: [state.latent] };
          }
          const [start] = stageMemory('midpoint', state, 1) as [Float32Array];
          const weights = { keep: scale / (scales[index - 1] as number), change: -scale * 2 * half };
          return { latent: moved(start, estimate, weights) };
        },
      });
    },
  };
}

/** The sampler as a plugin's contribution: `sampler`, `midpoint`. */
export const midpointContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'midpoint',
  description: 'The explicit midpoint method for flow matching, as transfusion-pytorch samples: second order.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      counts: {
        enum: ['times', 'steps'],
        default: 'times',
        description: 'Whether the requested steps count times of the grid, both ends included, or the steps between.',
      },
    },
  },
  create: (config) => createMidpointSampler(config as MidpointOptions),
};
