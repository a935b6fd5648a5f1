import {
  type NoiseSchedule,
  type PlannedEvaluation,
  type SamplingRequest,
  TransfuseError,
} from '@transfuse/core/contracts';
import { logSnrPoint, type LogSnrPoint } from './log-snr-point.ts';
import type { LogSnrSettings } from './log-snr-settings.ts';
import { type LogSnrTable, logSnrTable, sigmaOfTimestep, timestepOfSigma, timestepsBelow } from './log-snr-table.ts';
import { noiseAxis, type NoisePath } from '../noise-axis.ts';
import { refuseList, requestedList, requestedSteps } from '../requested-steps.ts';
import { spacedSigmas } from '../sigma-spacing.ts';
import { checkMu, straightSigmas, type StraightSpread } from './straight-sigmas.ts';
import { roundHalfToEven, wholeTimesteps } from './whole-timesteps.ts';

// Which noise levels a sampler of the log-SNR family passes through. Over a discrete schedule they are those of whole
// timesteps, or are spread anew and each is told to the network as a whole timestep near it; over a straight path they
// are spread over sigma itself. The run ends where the settings say.

/** The levels of a run. */
export interface LogSnrPlan {
  readonly evaluations: readonly PlannedEvaluation[];
  /** What the network is told at each evaluation, in timesteps. */
  readonly timesteps: readonly number[];
  /** One more than evaluations: step i goes from `points[i]` to `points[i + 1]`. */
  readonly points: readonly LogSnrPoint[];
  readonly path: NoisePath;
  /** What unit noise is multiplied by to begin; undefined for the usual. */
  readonly startScale: number | undefined;
}

/** What a sampler can follow. */
export interface PlanTraits {
  readonly sampler: string;
  /** Whether a request may bring its own timesteps. */
  readonly timesteps: 'allowed' | 'refused';
  /** How sigmas of a straight path are spread. */
  readonly straight: StraightSpread;
  /** Whether a request's own timesteps count steps over a straight path, where their values say nothing. @default 'refused' */
  readonly straightTimesteps?: 'counted' | 'refused';
}

interface Levels {
  /** In the axis's measure, float64. */
  readonly sigmas: readonly number[];
  readonly timesteps: readonly number[];
}

/** Plans a run; throws `schedule.invalid` for a request or settings that cannot be met. */
export function planLogSnr(
  schedule: NoiseSchedule,
  request: SamplingRequest,
  settings: LogSnrSettings,
  traits: PlanTraits,
): LogSnrPlan {
  checkMu(request, settings, traits);
  const axis = noiseAxis(schedule);
  const straight = axis.path === 'straight';
  const table = straight ? undefined : logSnrTable(schedule, axis.path);
  const { sigmas, timesteps } = table
    ? tableLevels(table, schedule, request, settings, traits)
    : straightSigmas(request, settings, traits);
  const first = table ? table.sigmas[0]! : axis.sigmaAt(0);
  const end = { clean: 0, 'first-timestep': first, last: sigmas.at(-1)! };
  const last = typeof settings.end === 'number' ? settings.end : end[settings.end];
  const points = [...sigmas, last].map((sigma) => logSnrPoint(axis, sigma));
  checkLevels(traits.sampler, points);
  const count = straight ? settings.trainTimesteps || 1000 : axis.timesteps;
  return {
    evaluations: timesteps.map((timestep, i) => ({
      time: timestep / count,
      level: axis.levelOf((points[i] as LogSnrPoint).measure),
    })),
    timesteps,
    points,
    path: axis.path,
    startScale: axis.path === 'other' ? undefined : 1,
  };
}

function tableLevels(
  table: LogSnrTable,
  schedule: NoiseSchedule,
  request: SamplingRequest,
  settings: LogSnrSettings,
  { sampler, timesteps: custom }: PlanTraits,
): Levels {
  refuseList(sampler, 'sigmas', request);
  const count = settings.trainTimesteps || table.sigmas.length;
  if (custom === 'refused' || settings.sigmas !== 'training') refuseList(sampler, 'timesteps', request);
  const given = requestedList(sampler, 'timesteps', request, { minimum: 0, maximum: count - 1 })?.map(Math.trunc);
  if (given !== undefined) return atTimesteps(table, given);
  const steps = requestedSteps(sampler, request);
  if (settings.sigmas !== 'training') return spreadLevels(table, schedule, steps, settings);
  const { spacing, stepsOffset: offset } = settings;
  const used = count - timestepsBelow(table, settings.minimumLogSnr);
  const timesteps = wholeTimesteps({ steps, spacing, timesteps: count, used, offset });
  if (timesteps.length > 0 && (steps === 1 || timesteps[0]! > timesteps.at(-1)!)) return atTimesteps(table, timesteps);
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}.steps`,
    found: `${steps} steps over ${used} timesteps with spacing ${spacing}`,
    expected: 'fewer steps than timesteps',
    mend: 'Ask for fewer steps, or choose the spacing trailing.',
  });
}

function atTimesteps(table: LogSnrTable, timesteps: readonly number[]): Levels {
  return { sigmas: timesteps.map((timestep) => sigmaOfTimestep(table, timestep)), timesteps };
}

function spreadLevels(table: LogSnrTable, schedule: NoiseSchedule, steps: number, settings: LogSnrSettings): Levels {
  const range = {
    steps,
    largest: settings.largest || table.sigmas.at(-1)!,
    smallest: settings.smallest || (table.sigmas.find((sigma) => sigma > 0) ?? 0),
  };
  const sigmas = settings.sigmas === 'lu' ? luSigmas(table, steps) : spacedSigmas(settings.sigmas as 'karras', range);
  const round = settings.rounding === 'nearest' ? roundHalfToEven : Math.trunc;
  const whole = schedule.timesteps === undefined && settings.trainTimesteps === 0 ? (t: number) => t : round;
  return { sigmas, timesteps: sigmas.map((sigma) => whole(timestepOfSigma(table, sigma))) };
}

/** Evenly in log sigma as well, but from the float32 logarithms of the table. */
function luSigmas({ logs }: LogSnrTable, steps: number): number[] {
  const [from, to] = [logs.at(-1)!, logs.find(Number.isFinite) ?? 0];
  return Array.from({ length: steps }, (_, i) => Math.exp(from + (steps === 1 ? 0 : i / (steps - 1)) * (to - from)));
}

function checkLevels(sampler: string, points: readonly LogSnrPoint[]): void {
  const wrong = points.findIndex(({ lambda }) => Number.isNaN(lambda) || lambda === -Infinity);
  if (wrong < 0) return;
  throw new TransfuseError({
    code: 'schedule.invalid',
    place: `${sampler}, level ${wrong}`,
    found: `alpha ${points[wrong]?.alpha}, sigma ${points[wrong]?.sigma}`,
    expected: 'levels with some signal left, alpha above 0',
    mend: 'Change the shift, the range of sigmas or the schedule, so that no level is pure noise.',
  });
}
