import { numberSetting } from '../schedules/setting.ts';
import { float32, type Formula } from '@transfuse/core/elements';
import { elementKernel } from './element-kernel.ts';

// Churn (Karras et al. 2022, arXiv 2206.00364, algorithm 2): before a step, fresh noise raises the noise level a little,
// so that errors of earlier steps are drowned and the step goes down from there. As in diffusers the noise is added after
// the network has been asked, and levels are computed in float32.

/** Settings that samplers with churn have in common. */
export interface NoiseChurnOptions {
  /** How much noise a whole run takes anew, shared among its evaluations; each level rises by at most 41 %. 0 to 1000000. @default 0 */
  readonly churn?: number;
  /** The least sigma at which noise is added, in the sampler's own measure, at least 0. @default 0 */
  readonly churnMinimum?: number;
  /** The largest sigma at which noise is added; default all. */
  readonly churnMaximum?: number;
  /** The deviation of the added noise, 0 to 100; slightly above 1 keeps detail. @default 1 */
  readonly churnNoise?: number;
}

/** The same, with nothing left open. */
export type NoiseChurn = Required<NoiseChurnOptions>;

const ranges = {
  churn: { minimum: 0, maximum: 1e6 },
  churnMinimum: { minimum: 0, maximum: Infinity },
  churnMaximum: { minimum: 0, maximum: Infinity },
  churnNoise: { minimum: 0, maximum: 100 },
} as const;

/** Reads and checks the settings; throws `schedule.invalid`. */
export function noiseChurn(sampler: string, options: NoiseChurnOptions): NoiseChurn {
  const read = (field: keyof typeof ranges, fallback: number) =>
    numberSetting({ place: `${sampler}.${field}`, value: options[field], fallback, ...ranges[field] });
  return {
    churn: read('churn', 0),
    churnMinimum: read('churnMinimum', 0),
    churnMaximum: read('churnMaximum', Infinity),
    churnNoise: read('churnNoise', 1),
  };
}

/** The settings as plain data: where there is no largest sigma it stays out. */
export function plainChurn({ churnMaximum, ...settings }: NoiseChurn): NoiseChurnOptions {
  return churnMaximum === Infinity ? settings : { ...settings, churnMaximum };
}

/** The JSON schemas of these settings, for a sampler's contribution. */
export const noiseChurnSchemas = {
  churn: { type: 'number', ...ranges.churn, default: 0, description: 'How much noise a run takes anew; 0 is none.' },
  churnMinimum: { type: 'number', minimum: 0, default: 0, description: 'The least sigma at which noise is added.' },
  churnMaximum: { type: 'number', minimum: 0, description: 'The largest sigma at which noise is added.' },
  churnNoise: { type: 'number', ...ranges.churnNoise, default: 1, description: 'The deviation of the added noise.' },
} as const;

/** A noise level after churn. */
export interface ChurnedLevel {
  /** Sigma after the noise was added. */
  readonly sigma: number;
  /** Whether noise is added, so that fresh numbers are to be drawn. */
  readonly draws: boolean;
  /** What fresh numbers are multiplied by, one after the other, in float32: the setting, and the deviation added. */
  readonly scale: number;
  readonly added: number;
}

/** A value with the noise of a fresh number on it, in float32. */
export function churned(
  value: Formula,
  { fresh, scale, added }: { readonly fresh: Formula; readonly scale: Formula; readonly added: Formula },
): Formula {
  return float32.plus(value, float32.times(float32.times(fresh, scale), added));
}

const churnedKernel = elementKernel(
  { arrays: ['values', 'fresh'], numbers: ['scale', 'added'] },
  ({ values, ...parts }) => ({ lifted: churned(values, parts) }),
);

/** An array with noise on it, a new one. */
export function withChurn(values: Float32Array, fresh: Float32Array, { scale, added }: ChurnedLevel): Float32Array {
  return churnedKernel({ values, fresh }, { scale, added }).lifted;
}

const float = Math.fround;

/** The level that churn raises a sigma to, in a run whose noise is shared among so many evaluations. */
export function churnedLevel(settings: NoiseChurn, sigma: number, evaluations: number): ChurnedLevel {
  const { churn, churnMinimum, churnMaximum, churnNoise } = settings;
  const within = float(churnMinimum) <= sigma && sigma <= float(churnMaximum);
  const gamma = within ? Math.min(churn / evaluations, Math.SQRT2 - 1) : 0;
  const raised = float(sigma * float(gamma + 1));
  if (gamma <= 0) return { sigma: raised, draws: false, scale: 1, added: 0 };
  const added = float(Math.sqrt(float(float(raised * raised) - float(sigma * sigma))));
  return { sigma: raised, draws: true, scale: float(churnNoise), added };
}
