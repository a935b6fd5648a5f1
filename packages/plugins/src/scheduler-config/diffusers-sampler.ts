import {
  type Contribution,
  type NoiseLevel,
  type NoiseSchedule,
  type PredictionType,
  type Sampler,
  TransfuseError,
} from '@transfuse/core/contracts';
import { refuseContinuousTimesteps } from './continuous-timesteps.ts';
import { type LoadedScheduler, readSchedulerConfig } from './scheduler-config.ts';

// A sampler that is set up by a `scheduler_config.json` of the diffusers library, for models that come with one. The
// schedule is the model's own: the sampler insists that it is the file's, and runs over it.

/** Settings of {@link createDiffusersSampler}. */
export interface DiffusersSamplerOptions {
  /** The object in the file. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What that library takes in `step` or `set_timesteps` beside the file, by its names: `{ eta: 1 }`. @default {} */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/**
 * The sampler that a file describes. `begin` throws `schedule.invalid` where the levels of the model's schedule are not
 * those of the file's, within 1e-3, or the model predicts something else, besides what the sampler of that class throws; creating it throws `config.invalid`
 * as `readSchedulerConfig` does.
 *
 * @example
 * ```ts
 * import { createDiffusersSampler } from '@transfuse/plugins/scheduler-config';
 * import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
 * const sampler = createDiffusersSampler({ config: { _class_name: 'FlowMatchHeunDiscreteScheduler' } });
 * console.assert(sampler.begin(createFlowMatchingSchedule(), { steps: 5 }).evaluations.length === 9);
 * ```
 */
export function createDiffusersSampler(options: DiffusersSamplerOptions): Sampler {
  const { config, arguments: stepArguments = {} } = options;
  const loaded = readSchedulerConfig(config, stepArguments);
  refuseContinuousTimesteps(loaded);
  return {
    name: 'diffusers',
    config: Object.freeze({ config, arguments: stepArguments }),
    begin(schedule, request) {
      checkAgreement(schedule, loaded.schedule, loaded.className);
      checkPrediction(request.prediction, loaded);
      return loaded.sampler.begin(schedule, request);
    },
  };
}

const times = [0.01, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99];
const tolerance = 1e-3;

function checkAgreement(schedule: NoiseSchedule, expected: NoiseSchedule, className: string): void {
  for (const time of times) {
    const [ours, theirs] = [schedule.at(time), expected.at(time)];
    const difference = Math.max(Math.abs(ours.alpha - theirs.alpha), Math.abs(ours.sigma - theirs.sigma));
    if (difference <= tolerance) continue; // false for NaN
    throw new TransfuseError({
      code: 'schedule.invalid',
      place: `sampler diffusers, schedule ${schedule.name}`,
      found: `${describe(ours)} at time ${time}`,
      expected: `${describe(theirs)}, as schedule ${expected.name} of the file's ${className} has`,
      mend: 'Take the file that belongs to the model, or train with the noise schedule "diffusers" of this file.',
    });
  }
}

function describe({ alpha, sigma }: NoiseLevel): string {
  return `alpha ${alpha} and sigma ${sigma}`;
}

/** A network that predicts something else would be misread in silence. */
function checkPrediction(prediction: PredictionType | undefined, loaded: LoadedScheduler): void {
  const stated = 'prediction_type' in loaded.config; // flow matching classes do not say, and read any estimate alike
  if (!stated || prediction === undefined || prediction === loaded.prediction) return;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: 'sampler diffusers, prediction',
    found: `a model that predicts ${prediction}`,
    expected: `${loaded.prediction}, as the file's ${loaded.className} says`,
    mend: 'Take the file that belongs to the model, or correct its prediction_type.',
  });
}

/** The sampler as a plugin's contribution: `sampler`, `diffusers`. */
export const diffusersSamplerContribution: Contribution<'sampler'> = {
  kind: 'sampler',
  name: 'diffusers',
  description: 'What a scheduler_config.json of the diffusers library describes: 22 of its schedulers.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['config'],
    properties: {
      config: { type: 'object', description: 'The object in the file.' },
      arguments: { type: 'object', description: 'What that library takes in step beside the file, by its names.' },
    },
  },
  create(config, { logger }) {
    const options = config as unknown as DiffusersSamplerOptions;
    const { unused, className } = readSchedulerConfig(options.config, options.arguments);
    if (unused.length > 0) {
      logger.warn(`The scheduler_config.json has fields that ${className} does not use: ${unused.join(', ')}.`);
    }
    return createDiffusersSampler(options);
  },
};
