import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toEstimate } from '../../../../core/src/objective/index.ts';
import { analyticOutput, pseudoNormal } from '../../../../../test/support/scheduler-parity.ts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createMidpointSampler } from './midpoint.ts';

// Trajectories of torchdiffeq, written by `test/reference/midpoint_trajectories.py`.
const { cases } = JSON.parse(readFileSync(new URL('./midpoint.fixture.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly {
    readonly steps: number;
    readonly timesteps: readonly number[];
    readonly snapshots: readonly { readonly index: number; readonly first: readonly number[]; readonly norm: number }[];
  }[];
};

describe('the midpoint sampler', () => {
  it.each(cases.map((item) => [item.steps, item] as const))(
    'follows torchdiffeq over %i times, evaluation by evaluation',
    (steps, { timesteps, snapshots }) => {
      const run = createMidpointSampler().begin(createFlowMatchingSchedule(), { steps });
      expect(run.evaluations).toHaveLength(2 * (steps - 1));
      run.evaluations.forEach(({ time }, i) => expect(time * 1000).toBeCloseTo(timesteps[i]!, 3));
      let state = run.start(pseudoNormal(1000));
      for (const { time, level } of [...run.evaluations, { time: 0, level: undefined }]) {
        const expected = snapshots.find(({ index }) => index === state.index);
        expected?.first.forEach((x, i) => expect(state.latent[i]).toBeCloseTo(x, 5));
        if (level === undefined) break;
        const output = analyticOutput(state.latent, time * 1000);
        state = run.step(state, toEstimate(output, state.latent, 'velocity', level), () => new Float32Array(16));
      }
      expect(state.index).toBe(snapshots.at(-1)!.index);
    },
  );

  it('counts steps instead of times where it is told to, and one as one step in any case', () => {
    const evaluations = (counts: 'times' | 'steps', steps: number) =>
      createMidpointSampler({ counts }).begin(createFlowMatchingSchedule(), { steps }).evaluations.length;
    expect([evaluations('times', 16), evaluations('steps', 16)]).toEqual([30, 32]);
    expect([evaluations('times', 1), evaluations('times', 2), evaluations('steps', 1)]).toEqual([2, 2, 2]);
  });
});
