import type { JsonSchema, PredictionType } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting } from '../../schedules/setting.ts';
import { type Spacing, spacings, spacingSchema } from '../time-spacing.ts';

// The settings that all samplers in sigma space share (Karras et al. 2022): how the noise levels of a run are spread.
// Read and checked here once, and the same as JSON schemas for the host.

/** How the noise levels of a run are spread; `training` keeps those of the training timesteps. */
export type LadderSpacing = 'training' | 'karras' | 'exponential' | 'beta';

/** Settings of every sampler in sigma space. */
export interface LadderOptions {
  /**
   * How timesteps are spread over a discrete schedule. `linspace` and `trailing` begin with the last timestep and with
   * noise of deviation sigma alone, `leading` before it and with noise that has the variance of noisy unit data. @default 'leading'
   */
  readonly spacing?: Spacing;
  /** Added to every timestep with spacing `leading`; 0 to 100000. @default 0 */
  readonly stepsOffset?: number;
  /**
   * Whether sigmas are those of the timesteps, or spread anew between the first and the last of them: evenly in
   * sigma^(1/7) (Karras et al. 2022), in log sigma, or by quantiles of Beta(0.6, 0.6) (Lee et al. 2024). @default 'training'
   */
  readonly sigmas?: LadderSpacing;
  /**
   * What the network predicts. Any setting suits any network; this one rounds the steps over a discrete schedule as
   * diffusers does for such networks. @default 'epsilon'
   */
  readonly prediction?: PredictionType;
}

/** The same, with nothing left open. */
export type LadderSettings = Required<LadderOptions>;

const ladderSpacings: readonly LadderSpacing[] = ['training', 'karras', 'exponential', 'beta'];
const predictions: readonly PredictionType[] = ['epsilon', 'sample', 'velocity'];
const largestOffset = 100_000;

/** Reads and checks the settings of the sampler so named; throws `schedule.invalid`. */
export function ladderSettings(sampler: string, options: LadderOptions): LadderSettings {
  return {
    spacing: choiceSetting({
      place: `${sampler}.spacing`,
      value: options.spacing,
      fallback: 'leading',
      choices: spacings,
    }),
    stepsOffset: integerSetting({
      place: `${sampler}.stepsOffset`,
      value: options.stepsOffset,
      fallback: 0,
      minimum: 0,
      maximum: largestOffset,
    }),
    sigmas: choiceSetting({
      place: `${sampler}.sigmas`,
      value: options.sigmas,
      fallback: 'training',
      choices: ladderSpacings,
    }),
    prediction: choiceSetting({
      place: `${sampler}.prediction`,
      value: options.prediction,
      fallback: 'epsilon',
      choices: predictions,
    }),
  };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const ladderSchemas = {
  spacing: spacingSchema,
  stepsOffset: {
    type: 'integer',
    minimum: 0,
    maximum: largestOffset,
    default: 0,
    description: 'Added to every timestep with spacing leading.',
  },
  sigmas: {
    enum: ladderSpacings,
    default: 'training',
    description: 'Noise levels of the timesteps themselves, or spread anew between the first and the last of them.',
  },
  prediction: {
    enum: predictions,
    default: 'epsilon',
    description: 'What the network predicts; decides only how steps are rounded.',
  },
} as const satisfies Record<string, JsonSchema>;
