import type { PredictionType } from '@transfuse/core/contracts';
import { describe, expect, it } from 'vitest';
import { createCosineSchedule, createEdmSchedule, createFlowMatchingSchedule } from '../schedules/index.ts';
import { createDiffusersSampler, diffusersSamplerContribution } from './diffusers-sampler.ts';
import { createDiffusersSchedule, diffusersScheduleContribution } from './diffusers-schedule.ts';

const heun = { _class_name: 'FlowMatchHeunDiscreteScheduler' };
const ddim = { _class_name: 'DDIMScheduler', beta_schedule: 'squaredcos_cap_v2' };
const mochi = { _class_name: 'FlowMatchEulerDiscreteScheduler', invert_sigmas: true };

describe('the sampler of a file', () => {
  it('runs over the schedule of the same levels', () => {
    const run = createDiffusersSampler({ config: heun }).begin(createFlowMatchingSchedule(), { steps: 5 });
    expect(run.evaluations).toHaveLength(9);
    expect(createDiffusersSampler({ config: ddim }).begin(createCosineSchedule(), { steps: 5 }).steps).toHaveLength(5);
  });

  it.each([
    [heun, createCosineSchedule()],
    [ddim, createFlowMatchingSchedule()],
    [{ _class_name: 'EDMEulerScheduler', sigma_data: 1 }, createEdmSchedule()],
    [{ _class_name: 'EDMEulerScheduler', sigma_max: 40 }, createEdmSchedule()],
  ])('refuses a schedule of other levels, naming both: %j', (config, schedule) => {
    const begin = () => createDiffusersSampler({ config }).begin(schedule, { steps: 5 });
    expect(begin).toThrow(expect.objectContaining({ code: 'schedule.invalid' }));
    expect(begin).toThrow(new RegExp(`schedule ${schedule.name}.*${config._class_name}`));
  });

  it('tells the model its own times and reads its own velocity, also where the file’s network counts the other way', () => {
    const sampler = createDiffusersSampler({ config: mochi });
    const own = sampler.begin(createFlowMatchingSchedule(), { steps: 2 });
    const theirs = sampler.begin(createDiffusersSchedule({ config: mochi }), { steps: 2 });
    expect(own.evaluations[0]!.level.velocity).toEqual({ clean: -1, noise: 1 });
    expect(theirs.evaluations[0]!.level.velocity).toEqual({ clean: 1, noise: -1 });
    for (const { time, level } of own.evaluations) expect(time).toBeCloseTo(level.sigma, 6);
  });

  it('refuses a model that predicts something else than the file says', () => {
    const sampler = createDiffusersSampler({ config: ddim });
    const begin = (prediction: PredictionType) => () =>
      sampler.begin(createDiffusersSchedule({ config: ddim }), { steps: 2, prediction });
    expect(begin('velocity')).toThrow(expect.objectContaining({ place: 'sampler diffusers, prediction' }));
    expect(begin('epsilon')).not.toThrow();
  });

  it('refuses continuous timesteps, which a model trained here is never told', () => {
    const config = {
      _class_name: 'EulerDiscreteScheduler',
      timestep_type: 'continuous',
      prediction_type: 'v_prediction',
    };
    expect(() => createDiffusersSampler({ config })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    expect(() => createDiffusersSchedule({ config })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });

  it('can be made again from its configuration', () => {
    const options = { config: { _class_name: 'EDMEulerScheduler' }, arguments: { s_churn: 2 } };
    expect(createDiffusersSampler(options).config).toEqual(options);
    expect(diffusersSamplerContribution.configSchema).toMatchObject({ required: ['config'] });
  });
});

describe('the schedule of a file', () => {
  it('has the file’s levels and can be made again from its configuration', () => {
    const schedule = createDiffusersSchedule({ config: ddim });
    expect(schedule.timesteps).toBe(1000);
    expect(schedule.at(0.5)).toEqual(createCosineSchedule().at(0.5));
    expect([schedule.name, schedule.config]).toEqual(['diffusers', { config: ddim }]);
    expect(diffusersScheduleContribution.kind).toBe('noise-schedule');
  });

  it('agrees with the sampler of the same file', () => {
    for (const config of [
      heun,
      ddim,
      mochi,
      { _class_name: 'EDMDPMSolverMultistepScheduler', prediction_type: 'v_prediction' },
    ]) {
      const run = createDiffusersSampler({ config }).begin(createDiffusersSchedule({ config }), { steps: 3 });
      expect(run.steps).toHaveLength(3);
    }
  });
});
