import { createEulerSampler } from '../samplers/sigma/euler.ts';
import type { SchedulerClass } from './scheduler-class.ts';
import { ladderFields, sigmaDefaults, sigmaPrediction, sigmaSchedule, spreadDefaults } from './sigma-fields.ts';
import { churnArguments } from './step-arguments.ts';

// `EulerDiscreteScheduler` of diffusers. Its step arguments s_churn, s_tmin, s_tmax and s_noise are read too. With
// continuous timesteps the network is told ln(sigma) / 4; our time is then the angle, which every sigma has.

/** How `EulerDiscreteScheduler` is read. */
export const eulerDiscreteScheduler: SchedulerClass = {
  className: 'EulerDiscreteScheduler',
  defaults: {
    ...sigmaDefaults,
    interpolation_type: 'linear',
    ...spreadDefaults,
    sigma_min: null,
    sigma_max: null,
    timestep_type: 'discrete',
    rescale_betas_zero_snr: false,
    final_sigmas_type: 'zero',
  },
  build(fields) {
    const prediction = sigmaPrediction(fields, 'with sample', ['original_sample']);
    const continuous =
      fields.choice('timestep_type', ['discrete', 'continuous']) === 'continuous' && prediction === 'velocity';
    const [sigmaMin, sigmaMax] = [fields.optionalNumber('sigma_min'), fields.optionalNumber('sigma_max')];
    return {
      schedule: sigmaSchedule(fields, { zeroTerminalSnr: 'field' }),
      prediction,
      sampler: createEulerSampler({
        ...ladderFields(fields, 'with spread', prediction),
        ...(sigmaMin !== null && { sigmaMin }),
        ...(sigmaMax !== null && { sigmaMax }),
        interpolation:
          fields.choice('interpolation_type', ['linear', 'log_linear']) === 'linear' ? 'linear' : 'log-linear',
        end: fields.choice('final_sigmas_type', ['zero', 'sigma_min']) === 'zero' ? 'clean' : 'first-timestep',
        told: continuous ? 'angle' : 'schedule',
        ...churnArguments(fields),
      }),
      ...(continuous && { timestepOf: (time: number) => Math.log(Math.tan((Math.PI / 2) * time)) / 4 }),
    };
  },
};
