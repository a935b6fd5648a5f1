import { type Sampler, TransfuseError } from '@transfuse/core/contracts';
import type { FlowSpacingOptions } from '../samplers/flow/flow-spacing.ts';
import { createFlowMatchingSchedule } from '../schedules/index.ts';
import type { BuiltScheduler } from './scheduler-class.ts';
import type { SchedulerFields } from './scheduler-fields.ts';
import { turnedVelocity } from './turned-velocity.ts';

// The fields that the classes of flow matching share: how time is shifted and spread, and which way it runs.

/** The fields that most classes of flow matching have, with their defaults. */
export const flowDefaults = {
  num_train_timesteps: 1000,
  shift: 1,
  use_dynamic_shifting: false,
  base_shift: 0.5,
  max_shift: 1.15,
  base_image_seq_len: 256,
  max_image_seq_len: 4096,
  invert_sigmas: false,
  shift_terminal: null,
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
  time_shift_type: 'exponential',
} as const;

/** The spacing that a file describes. Sigma_min and sigma_max, fields of other classes, are read there if a file has them. */
export function flowSpacingFields(fields: SchedulerFields): FlowSpacingOptions {
  const shiftType = fields.choice('time_shift_type', ['exponential', 'linear']);
  const terminal = fields.optionalNumber('shift_terminal') ?? 0;
  const [smallest, largest] = [fields.optionalNumber('sigma_min'), fields.optionalNumber('sigma_max')];
  return {
    timesteps: fields.integer('num_train_timesteps'),
    shift: fields.number('shift'),
    dynamicShift: fields.flag('use_dynamic_shifting') ? shiftType : 'none',
    baseShift: fields.optionalNumber('base_shift') ?? flowDefaults.base_shift,
    maximumShift: fields.optionalNumber('max_shift') ?? flowDefaults.max_shift,
    baseTokens: fields.integer('base_image_seq_len'),
    maximumTokens: fields.integer('max_image_seq_len'),
    terminal,
    spacing: spacingField(fields),
    ...(smallest !== null && { smallest }),
    ...(largest !== null && { largest }),
  };
}

function spacingField(fields: SchedulerFields): 'training' | 'karras' | 'exponential' | 'beta' {
  const names = ['karras', 'exponential', 'beta'] as const;
  const chosen = names.filter((name) => fields.flag(`use_${name}_sigmas`));
  if (chosen.length < 2) return chosen[0] ?? 'training';
  throw new TransfuseError({
    code: 'config.invalid',
    place: `${fields.className}, fields ${chosen.map((name) => `use_${name}_sigmas`).join(' and ')}`,
    found: 'true',
    expected: 'one of them at most',
    mend: 'Keep one way of spreading sigmas.',
  });
}

/** The shift of training times: the constant one; a dynamic one is sampling's alone. */
export function trainingShift(fields: SchedulerFields): number {
  return fields.flag('use_dynamic_shifting') ? 1 : fields.number('shift');
}

/** The schedule of a file, what its network predicts, and how that library counts timesteps. */
export function flowSchedule(
  fields: SchedulerFields,
  options: {
    /** The shift of training times. */
    readonly shift: number;
    /** `inverted` where timesteps count what is left of the data, and the network predicts data minus noise. */
    readonly time: 'forward' | 'inverted';
  },
): Omit<BuiltScheduler, 'sampler'> {
  const timesteps = fields.integer('num_train_timesteps');
  const schedule = createFlowMatchingSchedule({ shift: options.shift });
  if (options.time === 'forward') return { schedule, prediction: 'velocity', timestepOf: (time) => time * timesteps };
  return {
    schedule: turnedVelocity(schedule),
    prediction: 'velocity',
    timestepOf: (time) => (1 - time) * timesteps,
  };
}

/** The sampler as it runs with inverted time: the network is told what is left of the data, whatever timesteps are given. */
export function toldOwnTimesteps(sampler: Sampler, timesteps: number): Sampler {
  return {
    ...sampler,
    begin(schedule, request) {
      const { timesteps: given, ...others } = request;
      if (given === undefined || (others.sigmas !== undefined && others.sigmas.length !== given.length)) {
        return sampler.begin(schedule, request);
      }
      const sigmas = others.sigmas ?? given.map((timestep) => Math.fround(timestep) / timesteps);
      return sampler.begin(schedule, { ...others, sigmas });
    },
  };
}
