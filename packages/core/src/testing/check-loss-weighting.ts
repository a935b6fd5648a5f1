/** The checks of a loss weighting: at every noise level, both ends included, a finite factor of at least 0. */
import type { LossWeighting } from '../contracts/loss-weighting.ts';
import type { NoiseLevel, NoiseSchedule, PredictionType } from '../contracts/noise-schedule.ts';
import { insist, insistUntouched } from './broken-contract.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import { insistPlainSettings } from './plain-settings.ts';
import { referenceSchedules } from './reference-schedules.ts';

/** What a weighting's suite takes. */
export interface LossWeightingCheckOptions extends CheckOptions {
  /** Schedules whose levels are weighted. @default the kit's own */
  readonly schedules?: readonly NoiseSchedule[];
  /** Predictions it works with. @default all three */
  readonly predictions?: readonly PredictionType[];
}

const times = [0, 1e-12, 1e-6, 0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12, 1];

/**
 * The suite of a loss weighting.
 *
 * @example
 * ```ts
 * import { checkLossWeighting } from '@transfuse/core/testing';
 * const none = { name: 'none', config: {}, weight: () => 1 };
 * console.assert((await checkLossWeighting(() => none).run()).outcome === 'passed');
 * ```
 */
export function checkLossWeighting(
  create: () => LossWeighting | Promise<LossWeighting>,
  options: LossWeightingCheckOptions = {},
): CheckSuite {
  const { schedules = referenceSchedules, predictions = ['epsilon', 'sample', 'velocity'] } = options;
  const each = (check: (weighting: LossWeighting, one: WeightingCase) => void | Promise<void>) => async () => {
    const weighting = await create();
    for (const schedule of schedules) {
      for (const time of times) {
        for (const prediction of predictions) {
          const where = `Over ${schedule.name} at time ${time}, for ${prediction},`;
          await check(weighting, { level: schedule.at(time), prediction, where });
        }
      }
    }
  };
  return createSuite(
    'loss weighting',
    {
      'has a name and plain settings': async () => insistPlainSettings(await create()),
      'is finite and not negative at every level, both ends included': each((weighting, one) => {
        const weight = weighting.weight(one.level, one.prediction);
        insist(
          Number.isFinite(Math.fround(weight)) && weight >= 0,
          `${one.where} the weight is ${weight}; it must be at least 0 and finite, also as float32.`,
        );
      }),
      'is pure, and leaves the level as it is': each(async (weighting, { level, prediction, where }) => {
        const weight = await insistUntouched({ level }, () => weighting.weight(level, prediction), `${where} weight`);
        insist(
          Object.is(weighting.weight(level, prediction), weight),
          `${where} the weight changed between two calls; it must depend on level and prediction alone.`,
        );
      }),
      'lets something be learned': async () => {
        const weighting = await create();
        const levels = schedules.flatMap((schedule) => [0.25, 0.5, 0.75].map((time) => schedule.at(time)));
        for (const prediction of predictions) {
          insist(
            levels.some((level) => weighting.weight(level, prediction) > 0),
            `For ${prediction} the weight is 0 at times 0.25, 0.5 and 0.75 of every schedule; then nothing is learned.`,
          );
        }
      },
    },
    options,
  );
}

interface WeightingCase {
  readonly level: NoiseLevel;
  readonly prediction: PredictionType;
  readonly where: string;
}
