import type { Contribution, EvaluatedOutput, StepCache } from '@transfuse/core/contracts';
import { integerSetting } from '../schedules/setting.ts';

// A forecast in the manner of TaylorSeer (Liu et al. 2025, arXiv 2503.06923), on the network's guided output: most
// evaluations of a smooth trajectory can be told from the ones before. The expansion stands at the latest evaluation; its
// derivatives are those of the polynomial through the last `order + 1` evaluations, so that outputs which are polynomials
// of that degree in time are forecast exactly. The paper forecasts features inside the network; the output is forecast
// here, which needs nothing of the network.

/** Settings of {@link createTaylorCache}. */
export interface TaylorOptions {
  /** The degree of the expansion, 0 (repeat the last output) to 4. @default 2 */
  readonly order?: number;
  /** The network is asked at every `interval`-th evaluation, 1 (always) to 100. @default 2 */
  readonly interval?: number;
  /** Evaluations at the beginning that are always made, 1 to 1000. @default 3 */
  readonly warmUp?: number;
  /** Evaluations at the end that are always made, 0 to 1000. @default 1 */
  readonly coolDown?: number;
}

/**
 * Creates the cache. With few evaluations behind it the forecast is of the degree they allow.
 *
 * Throws `schedule.invalid` for a setting out of range.
 *
 * @example
 * ```ts
 * import { createTaylorCache } from '@transfuse/plugins/step-caches';
 * const cache = createTaylorCache({ order: 1 });
 * const line = (time: number) => ({ time, output: Float32Array.of(3 * time) });
 * console.assert(cache.forecast([line(0.5), line(1)], 0.25)[0] === 0.75);
 * ```
 */
export function createTaylorCache(options: TaylorOptions = {}): StepCache {
  const setting = (name: keyof TaylorOptions, fallback: number, minimum: number, maximum: number) =>
    integerSetting({ place: `taylor.${name}`, value: options[name], fallback, minimum, maximum });
  const config = Object.freeze({
    order: setting('order', 2, 0, 4),
    interval: setting('interval', 2, 1, 100),
    warmUp: setting('warmUp', 3, 1, 1000),
    coolDown: setting('coolDown', 1, 0, 1000),
  });
  return {
    name: 'taylor',
    config,
    history: config.order + 1,
    evaluates: (index, of) =>
      index < config.warmUp || index >= of - config.coolDown || (index - config.warmUp + 1) % config.interval === 0,
    forecast: (evaluated, time) => extrapolate(distinct(evaluated), time),
  };
}

/** Samplers of several stages ask twice at one time; the polynomial needs times of their own. */
function distinct(evaluated: readonly EvaluatedOutput[]): readonly EvaluatedOutput[] {
  return evaluated.filter(({ time }, index) => evaluated.findIndex((other) => other.time === time) === index);
}

/** The polynomial through all points, by Lagrange's weights. */
function extrapolate(points: readonly EvaluatedOutput[], time: number): Float32Array {
  const weights = points.map(({ time: own }, index) =>
    points.reduce(
      (product, { time: other }, i) => (i === index ? product : (product * (time - other)) / (own - other)),
      1,
    ),
  );
  const result = new Float32Array(points[0]?.output.length ?? 0);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let p = 0; p < points.length; p++) sum += (weights[p] as number) * (points[p]?.output[i] as number);
    result[i] = sum;
  }
  return result;
}

/** The cache as a plugin's contribution: `step-cache`, `taylor`. */
export const taylorContribution: Contribution<'step-cache'> = {
  kind: 'step-cache',
  name: 'taylor',
  description: 'Forecasts outputs from earlier ones by a Taylor expansion in time (TaylorSeer, Liu et al. 2025).',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      order: { type: 'integer', minimum: 0, maximum: 4, default: 2, description: 'The degree of the expansion.' },
      interval: {
        type: 'integer',
        minimum: 1,
        maximum: 100,
        default: 2,
        description: 'The network is asked at every so-many-th evaluation.',
      },
      warmUp: {
        type: 'integer',
        minimum: 1,
        maximum: 1000,
        default: 3,
        description: 'Evaluations at the beginning that are always made.',
      },
      coolDown: {
        type: 'integer',
        minimum: 0,
        maximum: 1000,
        default: 1,
        description: 'Evaluations at the end that are always made.',
      },
    },
  },
  create: (config) => createTaylorCache(config as TaylorOptions),
};
