import { type SamplingRequest, TransfuseError } from '@transfuse/core/contracts';
import { choiceSetting, integerSetting } from '../schedules/setting.ts';
import { customTimesteps, requestedSteps } from './timestep-request.ts';
import type { TimestepChain } from './timestep-chain.ts';

// At which timesteps a sampler asks the network. Over a discrete schedule of T timesteps there are three customs (Lin et
// al. 2023, arXiv 2305.08891, table 2), counted here as diffusers counts them, float64 rounding included, with halves
// rounded to the even neighbour:
//   leading   multiples of floor(T / steps), from 0 up: 10 of 1000 are 900, 800, … 0. The last timestep is left out.
//   trailing  T - 1 and down by T / steps: 999, 899, … 99.
//   linspace  from T - 1 to 0, evenly: 999, 888, … 0.
// For some numbers of steps (61 of 1000 is the first) diffusers' trailing goes on by rounding to a timestep -1, which is
// left out here: there it is read as the noisiest timestep and spoils the result.
// Continuous schedules have no first or last timestep to choose: their times are 1, 1 - 1 / steps, … 1 / steps.

/** The custom by which evaluation times are spread over a discrete schedule. */
export type Spacing = 'leading' | 'trailing' | 'linspace';

/** Settings of samplers that follow a custom. */
export interface SpacingOptions {
  /**
   * How evaluation times are spread over a discrete schedule. A single step with `leading` or `linspace` would stand at
   * the clean end, where there is nothing to do: use `trailing` for very few steps. @default 'leading'
   */
  readonly spacing?: Spacing;
  /** Added to every timestep of `leading`, 0 to 100000; with 1 the last step starts at timestep 1. @default 0 */
  readonly stepsOffset?: number;
}

/** All customs, for choice settings and schemas. */
export const spacings: readonly Spacing[] = ['leading', 'trailing', 'linspace'];

/** The JSON schema of a sampler's `spacing` setting. */
export const spacingSchema = {
  enum: spacings,
  default: 'leading',
  description: 'How evaluation times are spread over a discrete schedule; continuous schedules are spread evenly.',
} as const;

/** Reads and checks the settings; throws `schedule.invalid`. */
export function spacingSettings(sampler: string, options: SpacingOptions): Required<SpacingOptions> {
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
      maximum: 100_000,
    }),
  };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const spacingSchemas = {
  spacing: spacingSchema,
  stepsOffset: {
    type: 'integer',
    minimum: 0,
    maximum: 100_000,
    default: 0,
    description: 'Added to every timestep of the spacing `leading`.',
  },
} as const;

/**
 * The timesteps of a run, falling: those of the request, or planned ones. Throws `schedule.invalid` for a request that
 * cannot be met and for an offset that leads beyond the last timestep.
 */
export function plannedTimesteps(
  chain: TimestepChain,
  request: SamplingRequest,
  options: Required<SpacingOptions> & { readonly sampler: string; readonly custom: 'allowed' | 'refused' },
): readonly number[] {
  const { sampler, spacing, stepsOffset } = options;
  const custom = customTimesteps(chain, request, options);
  if (custom !== undefined) return custom;
  const steps = requestedSteps(chain, request, sampler);
  if (!chain.whole) return Array.from({ length: steps }, (_, i) => (1 - i / steps) * chain.timesteps);
  const planned = spacedTimesteps(chain.timesteps, steps, spacing);
  if (spacing !== 'leading' || stepsOffset === 0) return planned;
  const first = (planned[0] as number) + stepsOffset;
  if (first < chain.timesteps) return planned.map((timestep) => timestep + stepsOffset);
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.stepsOffset`,
    found: `${stepsOffset}, which makes the first of ${steps} steps start at timestep ${first}`,
    expected: `at most timestep ${chain.timesteps - 1}`,
    mend: 'Lower the offset or the number of steps.',
  });
}

/** Whole timesteps from 0 to `timesteps` - 1, falling; `steps` of them, at most `timesteps`. */
export function spacedTimesteps(timesteps: number, steps: number, spacing: Spacing): number[] {
  const falling = Array.from({ length: steps }, (_, i) => i);
  switch (spacing) {
    case 'leading': {
      const stride = Math.floor(timesteps / steps);
      return falling.map((i) => (steps - 1 - i) * stride);
    }
    case 'trailing': {
      const stride = timesteps - timesteps / steps - timesteps; // as an array range finds it: from its first two numbers
      return falling.map((i) => roundHalfToEven(timesteps + i * stride) - 1);
    }
    case 'linspace': {
      const stride = (timesteps - 1) / Math.max(1, steps - 1);
      return falling.map((i) => roundHalfToEven((steps - 1 - i) * stride));
    }
  }
}

function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
