import { choiceSetting, integerSetting } from '../../schedules/setting.ts';
import { cleanLimit, type CleanLimitOptions, cleanLimitSchemas } from '../clean-limit.ts';
import { type DpmAlgorithm, dpmAlgorithms } from './dpm-integrals.ts';
import { type LogSnrOptions, logSnrSchemas, logSnrSettings } from './log-snr-settings.ts';

// The settings that the two ways of running DPM-Solver share, read and checked, and the same as JSON schemas.

/** Settings of both DPM-Solvers. */
export interface DpmOptions extends LogSnrOptions, CleanLimitOptions {
  /**
   * What is integrated: the clean estimate (`dpmsolver++`, steady under guidance) or the noise (`dpmsolver`), along the
   * ODE or, with `sde-`, along the reverse SDE with fresh noise in every step. @default 'dpmsolver++'
   */
  readonly algorithm?: DpmAlgorithm;
  /** The order of accuracy, 1 to 3: 2 suits guided sampling. @default 2 */
  readonly order?: number;
  /** How the slope of the estimate is weighed. @default 'midpoint' */
  readonly solver?: 'midpoint' | 'heun';
}

const solvers = ['midpoint', 'heun'] as const;

/** Reads and checks the settings of the sampler so named; throws `schedule.invalid`. */
export function dpmSettings(
  sampler: string,
  options: DpmOptions,
  algorithms: readonly DpmAlgorithm[] = dpmAlgorithms,
): Required<DpmOptions> {
  const algorithm = choiceSetting<DpmAlgorithm>({
    place: `${sampler}.algorithm`,
    value: options.algorithm,
    fallback: 'dpmsolver++',
    choices: algorithms,
  });
  return {
    algorithm,
    order: integerSetting({
      place: `${sampler}.order`,
      value: options.order,
      fallback: 2,
      minimum: 1,
      maximum: algorithm === 'sde-dpmsolver' ? 2 : 3,
    }),
    solver: choiceSetting<'midpoint' | 'heun'>({
      place: `${sampler}.solver`,
      value: options.solver,
      fallback: 'midpoint',
      choices: solvers,
    }),
    ...logSnrSettings(sampler, options),
    ...cleanLimit(sampler, options),
  };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const dpmSchemas = {
  algorithm: {
    enum: dpmAlgorithms,
    default: 'dpmsolver++',
    description: 'Whether the clean estimate (++) or the noise is integrated, along the ODE or the SDE (sde-).',
  },
  order: { type: 'integer', minimum: 1, maximum: 3, default: 2, description: 'The order of accuracy.' },
  solver: { enum: solvers, default: 'midpoint', description: 'How the slope of the estimate is weighed.' },
  ...logSnrSchemas,
  ...cleanLimitSchemas,
} as const;
