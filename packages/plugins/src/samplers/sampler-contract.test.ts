import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DenoisingEstimate, NoiseSchedule, Sampler, SamplerState } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../schedules/flow-matching.ts';
import { createDdimSampler } from './ddim.ts';
import { createDdpmSampler } from './ddpm.ts';
import { createEulerSampler } from './euler.ts';

// What the contract promises of every sampler over every schedule: pure steps and states that survive being stored.

const schedules = { cosine: createCosineSchedule(), flow: createFlowMatchingSchedule() };
const cases = Object.entries({
  ddpm: createDdpmSampler(),
  'ddpm, large variance': createDdpmSampler({ variance: 'fixed_large', spacing: 'linspace' }),
  ddim: createDdimSampler(),
  'ddim, eta 0.5': createDdimSampler({ eta: 0.5, spacing: 'trailing' }),
  euler: createEulerSampler(),
}).flatMap(([name, sampler]) =>
  Object.entries(schedules).map(([path, schedule]) => [`${name} over ${path}`, sampler, schedule] as const),
);

const steps = 6;
const noise = Float32Array.of(-1.2, 0.4, 0, 2.1);

/** Any smooth opinion will do. */
function estimate(schedule: NoiseSchedule, latent: Float32Array, time: number): DenoisingEstimate {
  const { alpha, sigma } = schedule.at(time);
  const clean = latent.map((x) => Math.tanh(x * (1 - time / 2)));
  return { clean, noise: latent.map((x, i) => (x - alpha * clean[i]!) / sigma) };
}

/** Normal-looking numbers decided by the step, as a stored random state would decide them. */
function normalOfStep(index: number): () => number {
  let calls = 0;
  return () => Math.sin(12.9898 * index + 78.233 * (calls += 1)) * 1.4;
}

function follow(sampler: Sampler, schedule: NoiseSchedule, from?: SamplerState, until = steps): SamplerState {
  const run = sampler.begin(schedule, { steps });
  let state = from ?? run.start(noise);
  while (state.index < until) {
    const time = run.times[state.index]!;
    state = run.step(state, estimate(schedule, state.latent, time), normalOfStep(state.index));
  }
  return state;
}

function storedAndReadBack(state: SamplerState): SamplerState {
  const text = JSON.stringify({ ...state, latent: Array.from(state.latent), memory: state.memory.map((m) => [...m]) });
  const plain = JSON.parse(text) as { index: number; latent: number[]; memory: number[][] };
  return {
    index: plain.index,
    latent: Float32Array.from(plain.latent),
    memory: plain.memory.map((m) => Float32Array.from(m)),
  };
}

describe.each(cases)('%s', (_, sampler, schedule) => {
  const run = sampler.begin(schedule, { steps });

  it('plans falling times in [0, 1], one per step', () => {
    expect(run.times).toHaveLength(steps);
    for (const [i, time] of run.times.entries()) {
      expect(time).toBeGreaterThanOrEqual(0);
      expect(time).toBeLessThanOrEqual(i === 0 ? 1 : run.times[i - 1]! - 1e-3);
    }
  });

  it('starts from the noise itself, in an array of its own', () => {
    const state = run.start(noise);
    expect(state).toEqual({ index: 0, latent: noise, memory: [] });
    expect(state.latent).not.toBe(noise);
  });

  it('takes the same state to the same state and leaves its inputs alone', () => {
    const state = follow(sampler, schedule, undefined, 2);
    const opinion = estimate(schedule, state.latent, run.times[2]!);
    const before = structuredClone({ state, opinion });
    const once = run.step(state, opinion, normalOfStep(2));
    const twice = run.step(state, opinion, normalOfStep(2));
    expect(twice).toEqual(once);
    expect(once.index).toBe(3);
    expect({ state, opinion }).toEqual(before);
  });

  it('goes on from a state stored as JSON at any step to the very same result', () => {
    const whole = follow(sampler, schedule);
    expect(whole.latent.every(Number.isFinite)).toBe(true);
    for (let stop = 0; stop < steps; stop += 1) {
      const stored = storedAndReadBack(follow(sampler, schedule, undefined, stop));
      expect(follow(sampler, schedule, stored)).toEqual(whole);
    }
  });

  it('ends at the clean estimate of its last step', () => {
    const state = follow(sampler, schedule, undefined, steps - 1);
    const opinion = estimate(schedule, state.latent, run.times[steps - 1]!);
    const end = run.step(state, opinion, normalOfStep(0)).latent;
    end.forEach((x, i) => expect(x).toBeCloseTo(opinion.clean[i]!, 5));
  });

  it('refuses to step beyond its end', () => {
    const state = follow(sampler, schedule);
    expect(() => run.step(state, { clean: noise, noise }, () => 0)).toThrow(
      expect.objectContaining({ code: 'schedule.invalid' }),
    );
  });

  it('refuses an estimate of another size', () => {
    expect(() => run.step(run.start(noise), { clean: noise, noise: noise.slice(1) }, () => 0)).toThrow(
      expect.objectContaining({ code: 'schedule.invalid' }),
    );
  });

  it('refuses steps that are not a positive integer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ max: 0 }), fc.constantFrom(0.5, Number.NaN, Infinity)), (wrong) => {
        expect(() => sampler.begin(schedule, { steps: wrong })).toThrow(
          expect.objectContaining({ code: 'schedule.invalid' }),
        );
      }),
    );
  });
});

describe('fresh noise', () => {
  const drawn = (sampler: Sampler) => {
    const run = sampler.begin(schedules.cosine, { steps });
    let state = run.start(noise);
    return run.times.map((time) => {
      let calls = 0;
      state = run.step(state, estimate(schedules.cosine, state.latent, time), () => (calls += 1));
      return calls;
    });
  };

  it('is taken once per element and step by ddpm, not in the last', () => {
    expect(drawn(createDdpmSampler())).toEqual([4, 4, 4, 4, 4, 0]);
  });

  it('is taken by ddim only with an eta', () => {
    expect(drawn(createDdimSampler())).toEqual([0, 0, 0, 0, 0, 0]);
    expect(drawn(createDdimSampler({ eta: 1 }))).toEqual([4, 4, 4, 4, 4, 0]);
  });

  it('is never taken by euler', () => {
    expect(drawn(createEulerSampler())).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('what samplers refuse', () => {
  it('is a schedule that does not lose signal with time, by name', () => {
    const backwards: NoiseSchedule = {
      ...schedules.flow,
      name: 'backwards',
      at: (time) => schedules.flow.at(1 - time),
    };
    expect(() => createEulerSampler().begin(backwards, { steps: 4 })).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', place: 'schedule backwards' }),
    );
  });

  it('is a schedule that regains signal midway, or gives no numbers', () => {
    const begin = (at: (time: number) => number) => () =>
      createDdimSampler().begin({ ...schedules.flow, at: (time) => schedules.flow.at(at(time)) }, { steps: 4 });
    expect(begin((time) => time)).not.toThrow();
    expect(begin((time) => (time === 0.5 ? 0.9 : time))).toThrow(expect.objectContaining({ code: 'schedule.invalid' }));
    const nothing: NoiseSchedule = { ...schedules.flow, at: () => ({ ...schedules.flow.at(1), alpha: Number.NaN }) };
    expect(() => createDdimSampler().begin(nothing, { steps: 4 })).toThrow(/found alpha NaN/);
  });

  it('is a setting out of range, by its field', () => {
    expect(() => createDdimSampler({ eta: 1.5 })).toThrow(expect.objectContaining({ place: 'ddim.eta' }));
    expect(() => createDdpmSampler({ variance: 'learned' as 'fixed_small' })).toThrow(
      expect.objectContaining({ place: 'ddpm.variance' }),
    );
    expect(() => createDdpmSampler({ clipSampleRange: 0 })).toThrow(
      expect.objectContaining({ place: 'ddpm.clipSampleRange' }),
    );
    expect(() => createEulerSampler({ spacing: 'karras' as 'leading' })).toThrow(
      expect.objectContaining({ place: 'euler.spacing', code: 'schedule.invalid' }),
    );
  });
});
