import type { Contribution, DenoisingEstimate, Sampler } from '@transfuse/core/contracts';
import { planFlow } from './flow-plan.ts';
import { flowSpacing, flowSpacingSchemas, type FlowSpacingOptions } from './flow-spacing.ts';
import {
  type ChurnedLevel,
  churnedLevel,
  noiseChurn,
  type NoiseChurnOptions,
  noiseChurnSchemas,
  plainChurn,
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
          const change = float(next - raised.sigma);
          const at = straightened(state.latent, scales[index] as number);
          if (raised.draws) addNoise(at, raised, noise());
          if (index % 2 === 1) {
            const [start, slope] = stageMemory('flow-heun', state, 2) as [Float32Array, Float32Array];
            return { latent: corrected({ at, start, slope }, estimate, { share: next, change, scale }) };
          }
          const slope = earlierSlope(estimate, share / raised.sigma);
          const latent = stepped(at, slope, { change, scale });
          return { latent, memory: index === count - 1 ? [] : [at, slope] };
        },
      });
    },
  };
}

const float = Math.fround;

/** A latent as it lies on the straight path, a new array. */
function straightened(latent: Float32Array, scale: number): Float32Array {
  const straight = new Float32Array(latent.length);
  for (let i = 0; i < straight.length; i += 1) straight[i] = latent[i]! / scale;
  return straight;
}

function addNoise(into: Float32Array, raised: ChurnedLevel, fresh: Float32Array): void {
  for (let i = 0; i < into.length; i += 1) into[i] = raised.add(into[i]!, fresh[i]!);
}

/** The slope at the start of a step; after churn the same velocity, spread over the raised share. */
function earlierSlope({ clean, noise }: DenoisingEstimate, factor: number): Float32Array {
  const slope = new Float32Array(clean.length);
  for (let i = 0; i < slope.length; i += 1) slope[i] = factor * (noise[i]! - clean[i]!);
  return slope;
}

/**
 * The latent after the step along the mean of both slopes, a new array. The slope at the end of a step is (x - clean) /
 * share: the velocity, and what float32 makes of it there, where shares are small and steps are large.
 */
function corrected(
  { at, start, slope }: { readonly at: Float32Array; readonly start: Float32Array; readonly slope: Float32Array },
  { clean, noise }: DenoisingEstimate,
  { share, change, scale }: { readonly share: number; readonly change: number; readonly scale: number },
): Float32Array {
  const next = new Float32Array(at.length);
  for (let i = 0; i < next.length; i += 1) {
    const x = at[i]!;
    const found = float(x - float(float(noise[i]! - clean[i]!) * share));
    const later = float(float(x - found) / share);
    next[i] = scale * (start[i]! + change * float(0.5 * (later + slope[i]!)));
  }
  return next;
}

/** The latent after a step along a slope, a new array. */
function stepped(
  start: Float32Array,
  slope: Float32Array,
  weights: { readonly change: number; readonly scale: number },
): Float32Array {
  const { change, scale } = weights;
  const next = new Float32Array(start.length);
  for (let i = 0; i < next.length; i += 1) next[i] = scale * (start[i]! + change * slope[i]!);
  return next;
}

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
