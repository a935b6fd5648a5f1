import { type Contribution, type NoiseLevel, type NoiseSchedule, TransfuseError } from '@transfuse/core/contracts';
import { boxMullerNormal } from './box-muller.ts';
import { edmSigmaDefaults, type EdmSigmaRange, edmSigmaOfTime, edmTimeOfSigma } from './edm-sigma.ts';
import { numberSetting } from './setting.ts';
import { unitTime } from './unit-time.ts';

// EDM (Karras et al. 2022, arXiv 2206.00364, table 1): noise of deviation s on data of deviation d, and a network that is
// preconditioned. It is shown c_in (clean + s noise), c_in = 1 / sqrt(s² + d²), and its output F makes the clean estimate
// D = c_skip (clean + s noise) + c_out F, with c_skip = d² / (s² + d²) and c_out = s d / sqrt(s² + d²). Solved for the F
// that makes D the clean sample, F = (s / d clean - d noise) / sqrt(s² + d²): a mixture of clean and noise, so EDM's
// network output is this schedule's velocity.

/** Settings of {@link createEdmSchedule}. */
export interface EdmOptions extends EdmSigmaRange {
  /** Standard deviation of the data, d, 0.001 to 1000. @default 0.5 */
  readonly sigmaData?: number;
  /** Mean of ln(sigma) in training, -10 to 10. @default -1.2 */
  readonly mean?: number;
  /** Standard deviation of ln(sigma) in training, 0.001 to 10. @default 1.2 */
  readonly standardDeviation?: number;
}

/** The defaults, which the JSON schema repeats. */
const defaults = { ...edmSigmaDefaults, sigmaData: 0.5, mean: -1.2, standardDeviation: 1.2 } as const;

/** What the settings may be, which the JSON schema repeats. */
const ranges = {
  sigmaMin: { minimum: 1e-6, maximum: 1000 },
  sigmaMax: { minimum: 1e-6, maximum: 1e6 },
  sigmaData: { minimum: 0.001, maximum: 1000 },
  rho: { minimum: 1, maximum: 100 },
  mean: { minimum: -10, maximum: 10 },
  standardDeviation: { minimum: 0.001, maximum: 10 },
} as const;

/**
 * The EDM schedule. With s = `edmSigmaOfTime(time)`, `alpha = c_in` and `sigma = c_in * s`, so the noisy latent has unit
 * variance for data of deviation sigmaData, and `sigma / alpha` is EDM's own sigma. Predict the velocity: that is the
 * output F which the paper's network learns (with the loss weighting `edm`, weighted as in the paper).
 *
 * Neither end is pure, as in the paper: at time 1 noise outweighs the signal by sigmaMax, but alpha is not 0; at time 0
 * noise of deviation sigmaMin remains, and alpha is about 1 / sigmaData, not 1. Training draws ln(sigma) from a
 * normal distribution; what falls outside the range is moved to its nearer end.
 *
 * Throws `schedule.invalid` for a setting out of range and where sigmaMin is not below sigmaMax; `at` for NaN.
 *
 * @example
 * ```ts
 * import { createEdmSchedule } from '@transfuse/plugins/schedules';
 * const { alpha, sigma } = createEdmSchedule().at(1);
 * console.assert(Math.abs(sigma / alpha - 80) < 1e-9 && Math.abs(alpha - 1 / Math.hypot(80, 0.5)) < 1e-12);
 * ```
 */
export function createEdmSchedule(options: EdmOptions = {}): NoiseSchedule {
  const setting = (field: keyof typeof ranges) =>
    numberSetting({ place: `edm.${field}`, value: options[field], fallback: defaults[field], ...ranges[field] });
  const config = Object.freeze({
    sigmaMin: setting('sigmaMin'),
    sigmaMax: setting('sigmaMax'),
    sigmaData: setting('sigmaData'),
    rho: setting('rho'),
    mean: setting('mean'),
    standardDeviation: setting('standardDeviation'),
  });
  checkOrder(config);
  return {
    name: 'edm',
    config,
    at(time): NoiseLevel {
      const noise = edmSigmaOfTime(unitTime(time, 'edm.at'), config); // s
      const data = config.sigmaData; // d
      const scale = 1 / Math.hypot(noise, data); // c_in
      return {
        alpha: scale,
        sigma: scale * noise,
        velocity: { clean: (scale * noise) / data, noise: -scale * data },
      };
    },
    sampleTime(uniform) {
      const sigma = Math.exp(config.mean + config.standardDeviation * boxMullerNormal(uniform));
      return Math.min(1, Math.max(0, edmTimeOfSigma(sigma, config)));
    },
  };
}

function checkOrder({ sigmaMin, sigmaMax }: Required<Pick<EdmOptions, 'sigmaMin' | 'sigmaMax'>>): void {
  if (sigmaMin < sigmaMax) return;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: 'edm.sigmaMax',
    found: `${sigmaMax} with edm.sigmaMin ${sigmaMin}`,
    expected: 'a number above edm.sigmaMin',
    mend: 'Give time 1 the larger sigma; the paper has 0.002 and 80.',
  });
}

const numberSchema = (field: keyof typeof ranges, description: string) => ({
  type: 'number',
  ...ranges[field],
  default: defaults[field],
  description,
});

/** The EDM schedule as a plugin's contribution: `noise-schedule`, `edm`. */
export const edmContribution: Contribution<'noise-schedule'> = {
  kind: 'noise-schedule',
  name: 'edm',
  description: 'EDM (Karras et al. 2022): log-normal noise levels and a preconditioned network; predict the velocity.',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      sigmaMin: numberSchema('sigmaMin', 'The noise that is left at time 0, in units of the data.'),
      sigmaMax: numberSchema('sigmaMax', 'The noise at time 1, in units of the data.'),
      sigmaData: numberSchema('sigmaData', 'Standard deviation of the data.'),
      rho: numberSchema('rho', 'How times are spread over noise levels; larger means more small ones.'),
      mean: numberSchema('mean', 'Mean of the logarithm of the noise in training.'),
      standardDeviation: numberSchema('standardDeviation', 'Standard deviation of that logarithm.'),
    },
  },
  create: (config) => createEdmSchedule(config as EdmOptions),
};
