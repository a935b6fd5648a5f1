import { describe, expect, it } from 'vitest';
import type { SamplerState, SamplingRequest } from '@transfuse/core/contracts';
import { createCosineSchedule } from '../../schedules/cosine.ts';
import { createFlowMatchingSchedule } from '../../schedules/flow-matching.ts';
import { createEulerSampler, type EulerOptions } from './euler.ts';
import { createHeunSampler } from './heun.ts';
import { createLmsSampler } from './lms.ts';

const cosine = createCosineSchedule();
const flow = createFlowMatchingSchedule();
const none = () => Float32Array.of(0, 0);
const opinion = { clean: Float32Array.of(0.3, -0.4), noise: Float32Array.of(1, -0.5) };
const refusal = (place: string) => expect.objectContaining({ code: 'schedule.invalid', place });

describe('a run in sigma space', () => {
  const run = createEulerSampler().begin(cosine, { steps: 4 });
  const state = run.step(run.start(Float32Array.of(1, -2)), opinion, none);

  it('takes the latent at its word where it differs from what is remembered', () => {
    const edited: SamplerState = { ...state, latent: Float32Array.of(state.latent[0]!, 0.25) };
    const forgotten: SamplerState = { ...edited, memory: [] };
    const [kept, moved] = run.step(edited, opinion, none).latent;
    expect(kept).toBe(run.step(state, opinion, none).latent[0]);
    expect(moved).toBe(run.step(forgotten, opinion, none).latent[1]);
  });

  it('goes on from the latent alone, to the digits of float32', () => {
    const [known, forgotten] = [state, { ...state, memory: [] }].map((from) => run.step(from, opinion, none).latent);
    known!.forEach((x, i) => expect(forgotten![i]! / x).toBeCloseTo(1, 5));
  });

  it('begins with noise alone where the spacing begins at the schedule’s end, else with noise as large as noisy data', () => {
    const first = (options: EulerOptions) => {
      const begun = createEulerSampler(options).begin(cosine, { steps: 4, timesteps: [100, 50, 0] });
      return { level: begun.evaluations[0]!.level, scale: begun.start(Float32Array.of(1)).latent[0]! };
    };
    expect(first({ spacing: 'leading' }).scale).toBeCloseTo(1, 6);
    const { level, scale } = first({ spacing: 'trailing' });
    expect(scale).toBeCloseTo(level.sigma, 6);
  });

  it('keeps over flow matching the times 1, 1 - 1 / steps, …', () => {
    expect(
      createEulerSampler()
        .begin(flow, { steps: 3 })
        .evaluations.map(({ time }) => time),
    ).toEqual([1, 1 - 1 / 3, 1 - 2 / 3]);
  });

  it('of a method with memory misses it where it is gone', () => {
    const heun = createHeunSampler().begin(cosine, { steps: 3 });
    const second = heun.step(heun.start(Float32Array.of(1, -2)), opinion, none);
    expect(() => heun.step({ ...second, memory: [] }, opinion, none)).toThrow(refusal('heun.step, state.memory'));
  });

  it('of a multistep method begins in the middle with no slopes remembered', () => {
    const lms = createLmsSampler().begin(cosine, { steps: 5 });
    const begun = lms.start(Float32Array.of(1, -2), { clean: Float32Array.of(0.3, 0.1), step: 3 });
    const after = lms.step(begun, opinion, none);
    const euler = createEulerSampler().begin(cosine, { steps: 5 });
    expect(after.latent).toEqual(
      euler.step(euler.start(Float32Array.of(1, -2), { clean: Float32Array.of(0.3, 0.1), step: 3 }), opinion, none)
        .latent,
    );
  });
});

describe('a request in sigma space', () => {
  const plans: readonly (readonly [EulerOptions, Partial<SamplingRequest>, string])[] = [
    [{}, { steps: 0 }, 'euler.steps'],
    [{}, { steps: 2.5 }, 'euler.steps'],
    [{}, { steps: 1001 }, 'euler.steps'],
    [{ spacing: 'trailing' }, { steps: 1001 }, 'euler.steps'],
    [{}, { timesteps: [] }, 'euler.timesteps'],
    [{}, { timesteps: [10, 20] }, 'euler.timesteps'],
    [{}, { timesteps: [Number.NaN] }, 'euler.timesteps'],
    [{ sigmas: 'karras' }, { timesteps: [20, 10] }, 'euler.timesteps'],
    [{ told: 'angle' }, { timesteps: [20, 10] }, 'euler.timesteps'],
    [{}, { timesteps: [20, 10], sigmas: [2, 0] }, 'euler.sigmas'],
    [{}, { sigmas: [2] }, 'euler.sigmas'],
    [{}, { sigmas: [1, 2, 0] }, 'euler.sigmas'],
    [{}, { sigmas: [2, 0, 0] }, 'euler.sigmas'],
  ];
  it.each(plans)('of %j is refused for %j, at %s', (options, request, place) => {
    expect(() => createEulerSampler(options).begin(cosine, { steps: 5, ...request })).toThrow(refusal(place));
  });

  it('may have more steps than timesteps where levels lie between them', () => {
    expect(createEulerSampler({ spacing: 'linspace' }).begin(cosine, { steps: 1500 }).evaluations).toHaveLength(1500);
    const spread = createEulerSampler({ spacing: 'trailing', sigmas: 'karras' });
    expect(spread.begin(cosine, { steps: 1500 }).evaluations).toHaveLength(1500);
  });

  it('cannot ask for more noise than a straight path has', () => {
    expect(() => createEulerSampler().begin(flow, { steps: 5, sigmas: [1.5, 1, 0] })).toThrow(refusal('euler.sigmas'));
    const wide = createEulerSampler({ sigmas: 'karras', sigmaMax: 2 });
    expect(() => wide.begin(flow, { steps: 5 })).toThrow(refusal('euler.sigmas'));
  });

  it('brings no timesteps or sigmas to samplers that plan their own', () => {
    expect(() => createLmsSampler().begin(cosine, { steps: 5, timesteps: [20, 10] })).toThrow(refusal('lms.timesteps'));
    expect(() => createHeunSampler().begin(cosine, { steps: 5, sigmas: [2, 0] })).toThrow(refusal('heun.sigmas'));
  });

  it.each([
    [{ sigmaMin: 3, sigmaMax: 2 }, 'euler.sigmaMax'],
    [{ sigmaMin: 0 }, 'euler.sigmaMin'],
    [{ churn: -1 }, 'euler.churn'],
    [{ stepsOffset: 0.5 }, 'euler.stepsOffset'],
    [{ prediction: 'noise' }, 'euler.prediction'],
  ])('needs a sampler without %j', (options, place) => {
    expect(() => createEulerSampler(options as EulerOptions)).toThrow(refusal(place));
  });
});
