import { describe, expect, it } from 'vitest';
import type { NoiseSchedule, Sampler, SamplerState, SamplingRequest } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createDdimSampler } from './ddim.ts';
import { createDdpmSampler } from './ddpm.ts';
import { createLcmSampler } from './lcm.ts';
import { createPndmSampler } from './pndm.ts';
import { createTcdSampler } from './tcd.ts';

// What the samplers that go by timesteps, ddpm, ddim, pndm, lcm and tcd, plan, draw and refuse.

const cosine = createCosineSchedule();
const zeroSnr = createCosineSchedule({ zeroTerminalSnr: true });
const flow = createFlowMatchingSchedule();
const latent = Float32Array.of(-1.2, 0.4, 0, 2.1);
const opinion = { clean: Float32Array.of(3, -0.5, 0.1, 0.9), noise: Float32Array.of(0.3, 0.2, -1, 1) };

const invalid = (place: string) => expect.objectContaining({ code: 'schedule.invalid', place });
const timesteps = (sampler: Sampler, schedule: NoiseSchedule, request: SamplingRequest) =>
  sampler.begin(schedule, request).evaluations.map(({ time }) => Math.round(time * 1000));

/** Whether each step of a run drew noise. */
function drawn(sampler: Sampler, schedule: NoiseSchedule, steps = 4): boolean[] {
  const run = sampler.begin(schedule, { steps });
  let state = run.start(latent);
  return run.evaluations.map(() => {
    let calls = 0;
    state = run.step(state, opinion, () => {
      calls += 1;
      return latent;
    });
    expect(calls).toBeLessThanOrEqual(1);
    return calls === 1;
  });
}

const [always, butLast, never] = [
  [true, true, true, true],
  [true, true, true, false],
  [false, false, false, false],
];

describe('fresh noise', () => {
  it('is drawn by ddpm in every step but the last', () => {
    expect(drawn(createDdpmSampler(), cosine)).toEqual(butLast);
    expect(drawn(createDdpmSampler({ variance: 'fixed_large', spacing: 'trailing' }), cosine)).toEqual(butLast);
    expect(drawn(createDdpmSampler(), flow)).toEqual(butLast);
  });

  it('is drawn by ddpm in the last step too where it is told so, unless that starts at timestep 0', () => {
    const told = { variance: 'fixed_large', lastNoise: 'drawn' } as const;
    expect(drawn(createDdpmSampler({ ...told, spacing: 'trailing' }), cosine)).toEqual(always);
    expect(drawn(createDdpmSampler(told), cosine)).toEqual(butLast);
  });

  it('is drawn by ddim only with an eta and where noise is left at the end of the step', () => {
    expect(drawn(createDdimSampler(), cosine)).toEqual(never);
    expect(drawn(createDdimSampler({ eta: 1 }), cosine)).toEqual(butLast);
    expect(drawn(createDdimSampler({ eta: 1, end: 'first-timestep', spacing: 'trailing' }), cosine)).toEqual(always);
  });

  it('is drawn by lcm, and by tcd with an eta, in every step but the last', () => {
    expect(drawn(createLcmSampler(), cosine)).toEqual(butLast);
    expect(drawn(createTcdSampler(), flow)).toEqual(butLast);
    expect(drawn(createTcdSampler({ eta: 0 }), cosine)).toEqual(never);
  });

  it('is never drawn by pndm', () => {
    expect(drawn(createPndmSampler(), cosine)).toEqual([false, ...never]);
  });
});

describe('the clean estimate', () => {
  const land = (options: object) => {
    const run = createDdpmSampler(options).begin(cosine, { steps: 1 });
    return Array.from(run.step(run.start(latent), opinion, () => latent).latent);
  };

  it('is where the last step lands, clamped only where it is told to', () => {
    expect(land({})).toEqual(Array.from(opinion.clean));
    expect(land({ limit: 'clip' })).toEqual([1, -0.5, Math.fround(0.1), Math.fround(0.9)]);
    expect(land({ limit: 'clip', limitRange: 2 })[0]).toBe(2);
    expect(land({ limit: 'threshold', thresholdRatio: 1, thresholdMaximum: 10 })[0]).toBe(1);
  });

  it('goes to its bound where noise was predicted at a level without signal', () => {
    // There (latent - noise) / 0 is infinite; the first element has no such difference and keeps its estimate.
    const run = createLcmSampler({ limit: 'clip', timestepScaling: 1e6 }).begin(zeroSnr, { steps: 1 });
    const state = run.start(latent);
    const noise = Float32Array.of(latent[0]!, 1, 1, 1);
    const { latent: landed } = run.step(state, { clean: new Float32Array(4), noise }, () => latent);
    [0, -1, -1, 1].forEach((x, i) => expect(landed[i]).toBeCloseTo(x, 5));
  });
});

describe('the evaluations', () => {
  it('of pndm are those of Adams and Bashforth, the second step start given twice', () => {
    expect(timesteps(createPndmSampler(), cosine, { steps: 5 })).toEqual([800, 600, 600, 400, 200, 0]);
    expect(timesteps(createPndmSampler(), cosine, { steps: 1 })).toEqual([0]);
  });

  it('of pndm with Runge-Kutta steps come in fours, at start, middle, middle and end', () => {
    const run = createPndmSampler({ warmUp: 'runge-kutta' }).begin(flow, { steps: 5 });
    const times = [1, 0.9, 0.9, 0.8, 0.8, 0.7, 0.7, 0.6, 0.6, 0.5, 0.5, 0.4, 0.4, 0.2];
    expect(run.evaluations).toHaveLength(times.length);
    run.evaluations.forEach(({ time }, i) => expect(time).toBeCloseTo(times[i]!, 12));
    expect(run.steps).toEqual([0, 4, 8, 12, 13]);
  });

  it('of lcm and tcd are picked from the grid of the distillation, from the top', () => {
    expect(timesteps(createLcmSampler(), cosine, { steps: 4 })).toEqual([999, 759, 499, 259]);
    expect(timesteps(createTcdSampler({ originalSteps: 10 }), cosine, { steps: 3 })).toEqual([999, 699, 399]);
    expect(timesteps(createTcdSampler({ grid: 'training' }), cosine, { steps: 3 })).toEqual([999, 666, 333]);
    expect(timesteps(createLcmSampler({ strength: 0.5 }), cosine, { steps: 5 })).toEqual([499, 399, 299, 199, 99]);
    expect(timesteps(createLcmSampler(), flow, { steps: 4 })).toEqual([1000, 760, 500, 260]);
  });

  it('of a request’s own timesteps are just these', () => {
    const request = { steps: 1, timesteps: [900, 20, 3] };
    for (const sampler of [createDdpmSampler(), createLcmSampler(), createTcdSampler()]) {
      expect(timesteps(sampler, cosine, request)).toEqual([900, 20, 3]);
    }
  });
});

describe('a run of pndm', () => {
  it('begun at a later step takes up with rising order from there', () => {
    const run = createPndmSampler({ warmUp: 'runge-kutta' }).begin(cosine, { steps: 6 });
    let state: SamplerState = run.start(latent, { clean: opinion.clean, step: 3 });
    expect(state.index).toBe(12);
    const kept = [];
    while (state.index < run.evaluations.length) {
      state = run.step(state, opinion, () => latent);
      kept.push(state.memory.length);
    }
    expect(kept).toEqual([1, 2, 3]);
    expect(state.latent.every(Number.isFinite)).toBe(true);
  });

  it('refuses a state in the middle of a step without its memory', () => {
    for (const warmUp of ['multistep', 'runge-kutta'] as const) {
      const run = createPndmSampler({ warmUp }).begin(cosine, { steps: 6 });
      expect(() => run.step({ index: 1, latent, memory: [] }, opinion, () => latent)).toThrow(
        invalid('pndm.step, state.memory'),
      );
    }
  });
});

describe('what the samplers refuse', () => {
  it.each([
    ['ddpm', createDdpmSampler()],
    ['ddim', createDdimSampler()],
    ['pndm', createPndmSampler()],
    ['lcm', createLcmSampler()],
    ['tcd', createTcdSampler()],
  ])('is a schedule that does not lose signal with time: %s', (_, sampler) => {
    const backwards: NoiseSchedule = { ...flow, name: 'backwards', at: (time) => flow.at(1 - time) };
    expect(() => sampler.begin(backwards, { steps: 4 })).toThrow(invalid('schedule backwards'));
    const nothing: NoiseSchedule = { ...flow, name: 'nothing', at: () => ({ ...flow.at(1), alpha: Number.NaN }) };
    expect(() => sampler.begin(nothing, { steps: 4 })).toThrow(invalid('schedule nothing'));
  });

  it('is a setting out of range, by its field', () => {
    expect(() => createDdimSampler({ eta: 1.5 })).toThrow(invalid('ddim.eta'));
    expect(() => createDdimSampler({ landing: 'next-one' as 'next' })).toThrow(invalid('ddim.landing'));
    expect(() => createDdpmSampler({ variance: 'learned' as 'fixed_small' })).toThrow(invalid('ddpm.variance'));
    expect(() => createDdpmSampler({ limit: 'clip', limitRange: 0 })).toThrow(invalid('ddpm.limitRange'));
    expect(() => createPndmSampler({ stepsOffset: -1 })).toThrow(invalid('pndm.stepsOffset'));
    expect(() => createLcmSampler({ strength: 0 })).toThrow(invalid('lcm.strength'));
    expect(() => createTcdSampler({ originalSteps: 1.5 })).toThrow(invalid('tcd.originalSteps'));
  });

  it('is a combination that has no meaning', () => {
    const begin = (sampler: Sampler, schedule: NoiseSchedule, request: SamplingRequest) => () =>
      sampler.begin(schedule, request);
    const noise = createPndmSampler({ combines: 'noise' });
    expect(begin(noise, flow, { steps: 4 })).toThrow(invalid('pndm.combines'));
    expect(begin(createPndmSampler({ warmUp: 'runge-kutta' }), cosine, { steps: 3 })).toThrow(invalid('pndm.steps'));
    expect(begin(createLcmSampler(), cosine, { steps: 51 })).toThrow(invalid('lcm.steps'));
    expect(begin(createLcmSampler({ strength: 0.5 }), cosine, { steps: 26 })).toThrow(invalid('lcm.steps'));
    expect(begin(createLcmSampler({ originalSteps: 1001 }), cosine, { steps: 4 })).toThrow(
      invalid('lcm.originalSteps'),
    );
    const custom = { steps: 4, timesteps: [500, 3] };
    expect(begin(createTcdSampler({ strength: 0.5 }), cosine, custom)).toThrow(invalid('tcd.timesteps'));
    expect(begin(createDdimSampler(), cosine, custom)).toThrow(invalid('ddim.timesteps'));
  });
});
