import { TransfuseError } from '@transfuse/core/contracts';
import { linearSpace } from '../../schedules/beta-table.ts';
import { choiceSetting, numberSetting } from '../../schedules/setting.ts';
import type { NoiseMeasure } from '../noise-measure.ts';

// The noise levels that samplers in the formulation of EDM visit (Karras et al. 2022, arXiv 2206.00364, equation 5):
// sigmas, noise over signal, evenly spaced in sigma^(1 / rho) or in log sigma, and a level to end at. They are float32
// numbers, as in diffusers, whose arithmetic is followed: one sampler there computes the powers in float64, the other in
// float32, and a single exponential level is the smallest.

/** Settings that the EDM samplers have in common. */
export interface EdmSpacingOptions {
  /** The last sigma before the end, 1e-6 to 1e6. @default 0.002, or the schedule's smallest where that is larger */
  readonly sigmaMin?: number;
  /** The first sigma, above `sigmaMin`. @default 80, or the schedule's largest where that is smaller */
  readonly sigmaMax?: number;
  /** `karras`, evenly in sigma^(1 / rho), or `exponential`, evenly in log sigma. @default 'karras' */
  readonly spacing?: 'karras' | 'exponential';
  /** The larger, the more evaluations go to small sigmas, 0.01 to 100; `karras` only. @default 7 */
  readonly rho?: number;
  /** Where the run ends: at `clean` data, or at the `smallest` sigma, with its noise left in. @default 'clean' */
  readonly end?: 'clean' | 'smallest';
}

/** The same, checked; sigmas that were left out follow the schedule. */
export interface EdmSpacing extends Required<Omit<EdmSpacingOptions, 'sigmaMin' | 'sigmaMax'>> {
  readonly sigmaMin?: number;
  readonly sigmaMax?: number;
}

const sigmaRange = { minimum: 1e-6, maximum: 1e6 } as const;
const rhoRange = { minimum: 0.01, maximum: 100 } as const;

/** Reads and checks the settings of the sampler so named; throws `schedule.invalid`. */
export function edmSpacing(sampler: string, options: EdmSpacingOptions): EdmSpacing {
  const sigma = (field: 'sigmaMin' | 'sigmaMax', fallback: number) =>
    options[field] === undefined
      ? {}
      : { [field]: numberSetting({ place: `${sampler}.${field}`, value: options[field], fallback, ...sigmaRange }) };
  return {
    ...sigma('sigmaMin', 0.002),
    ...sigma('sigmaMax', 80),
    spacing: choiceSetting<'karras' | 'exponential'>({
      place: `${sampler}.spacing`,
      value: options.spacing,
      fallback: 'karras',
      choices: ['karras', 'exponential'],
    }),
    rho: numberSetting({ place: `${sampler}.rho`, value: options.rho, fallback: 7, ...rhoRange }),
    end: choiceSetting<'clean' | 'smallest'>({
      place: `${sampler}.end`,
      value: options.end,
      fallback: 'clean',
      choices: ['clean', 'smallest'],
    }),
  };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const edmSpacingSchemas = {
  sigmaMin: { type: 'number', ...sigmaRange, description: 'The last sigma before the end; 0.002, or the schedule’s.' },
  sigmaMax: { type: 'number', ...sigmaRange, description: 'The first sigma; 80, or the schedule’s.' },
  spacing: { enum: ['karras', 'exponential'], default: 'karras', description: 'How sigmas are spread over the run.' },
  rho: { type: 'number', ...rhoRange, default: 7, description: 'How karras spreads: larger means more small sigmas.' },
  end: { enum: ['clean', 'smallest'], default: 'clean', description: 'Whether the run ends clean or at sigmaMin.' },
} as const;

/** The two ends of a run over a schedule; throws `schedule.invalid` where the schedule does not reach them. */
export function edmRange(
  sampler: string,
  spacing: EdmSpacing,
  measure: NoiseMeasure,
): { readonly sigmaMin: number; readonly sigmaMax: number } {
  const sigmaMin = spacing.sigmaMin ?? Math.max(0.002, measure.smallest);
  const sigmaMax = spacing.sigmaMax ?? Math.min(80, measure.largest);
  const reached = sigmaMax <= measure.largest * (1 + 1e-6) && sigmaMin >= measure.smallest * (1 - 1e-6);
  if (reached && sigmaMin < sigmaMax) return { sigmaMin, sigmaMax };
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.sigmaMin and sigmaMax`,
    found: `${sigmaMin} and ${sigmaMax}`,
    expected: `two rising sigmas from ${measure.smallest} to ${measure.largest}, those of the schedule`,
    mend: 'Leave them out, or take those the model was trained with.',
  });
}

/**
 * The sigmas of so many evaluations, falling. `karras` is computed in float64 (`double`) or in float32 (`single`), at
 * evenly spaced places from 0 (sigmaMax) to 1 (sigmaMin) or at those given.
 */
export function edmSigmas(
  spacing: EdmSpacing & { readonly sigmaMin: number; readonly sigmaMax: number },
  options: { readonly steps: number; readonly precision: 'double' | 'single'; readonly places?: readonly number[] },
): number[] {
  const { sigmaMin, sigmaMax, rho } = spacing;
  const { steps, precision } = options;
  if (spacing.spacing === 'exponential') {
    const logs = Array.from(linearSpace(Math.log(sigmaMin), Math.log(sigmaMax), steps));
    return logs.map((log) => Math.fround(Math.exp(log))).toReversed();
  }
  const single = precision === 'single';
  const round = single ? Math.fround : (value: number) => value;
  const even = Array.from({ length: steps }, (_, i) => (steps === 1 ? 0 : i / (steps - 1)));
  const places = options.places ?? (single ? linearSpace(0, 1, steps) : even);
  const [from, to] = [sigmaMax ** (1 / rho), sigmaMin ** (1 / rho)];
  return Array.from(places, (place) => Math.fround(round(round(from) + round(round(to - from) * place)) ** rho));
}
