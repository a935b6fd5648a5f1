/** What a sampler is tried on: each schedule with each number of steps, and words to say which of them failed. */
import type { NoiseSchedule } from '../contracts/noise-schedule.ts';
import type { Sampler, SamplingRequest, SamplingRun } from '../contracts/sampler.ts';

/** One planned run. */
export interface SamplerCase {
  readonly sampler: Sampler;
  readonly schedule: NoiseSchedule;
  readonly request: SamplingRequest;
  readonly run: SamplingRun;
  /** For sentences: `Over flow-matching, 5 steps,`. */
  readonly where: string;
}

/** What cases are made from. */
export interface SamplerCases {
  readonly schedules: readonly NoiseSchedule[];
  readonly steps: readonly number[];
  /** Other fields of the request. */
  readonly request?: Omit<SamplingRequest, 'steps'>;
}

/** Every combination; of a discrete schedule fewer steps are asked than it has timesteps. */
export function* samplerCases(sampler: Sampler, { schedules, steps, request }: SamplerCases): Generator<SamplerCase> {
  for (const schedule of schedules) {
    for (const count of new Set(steps.map((wanted) => fewerThan(schedule.timesteps, wanted)))) {
      const asked = { ...request, steps: count };
      const where = `Over ${schedule.name}, ${count} ${count === 1 ? 'step' : 'steps'},`;
      yield { sampler, schedule, request: asked, run: sampler.begin(schedule, asked), where };
    }
  }
}

function fewerThan(timesteps: number | undefined, wanted: number): number {
  return timesteps === undefined ? wanted : Math.max(1, Math.min(wanted, timesteps - 1));
}
