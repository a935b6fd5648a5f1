/**
 * The checks of a noise schedule: a path of (alpha, sigma) from data at time 0 to noise at time 1, whose velocity points
 * along it, and training times drawn from uniform numbers alone.
 */
import type { NoiseLevel, NoiseSchedule } from '../contracts/noise-schedule.ts';
import { createRandom } from '../random/seeded-random.ts';
import { insist, insistRefusal } from './broken-contract.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import { insistPlainSettings } from './plain-settings.ts';

/** What a schedule's suite takes. */
export interface NoiseScheduleCheckOptions extends CheckOptions {
  /** Creates the schedule again from settings that it reported. Without it that check is left out. */
  readonly fromConfig?: (config: Readonly<Record<string, unknown>>) => NoiseSchedule | Promise<NoiseSchedule>;
  /** The most noise per signal (sigma / alpha) at time 0, and the most signal per noise at time 1. @default 0.25 */
  readonly ends?: number;
  /**
   * Whether the velocity is the derivative of the path by time or a multiple of it (`path`), or a mixture of the author's
   * own (`own`), of which only that it decides clean and noise is checked. @default 'path'
   */
  readonly velocity?: 'path' | 'own';
}

/** Times at which levels are looked at: both ends, close to them, and between. */
const times = [0, 1e-6, 0.001, ...Array.from({ length: 49 }, (_, index) => (index + 1) / 50), 0.999, 1 - 1e-6, 1];

/**
 * The suite of a noise schedule.
 *
 * @example
 * ```ts
 * import { checkNoiseSchedule, straightSchedule } from '@transfuse/core/testing';
 * const { outcome } = await checkNoiseSchedule(() => straightSchedule).run();
 * console.assert(outcome === 'passed');
 * ```
 */
export function checkNoiseSchedule(
  create: () => NoiseSchedule | Promise<NoiseSchedule>,
  options: NoiseScheduleCheckOptions = {},
): CheckSuite {
  const { ends = 0.25, velocity = 'path', fromConfig } = options;
  const promises: Record<string, () => Promise<void>> = {
    'has a name and plain settings': async () => insistPlainSettings(await create()),
    'has finite, non-negative levels at every time': async () => insistLevels(await create()),
    'runs from data at time 0 to noise at time 1': async () => insistEnds(await create(), ends),
    'never regains signal as time grows': async () => insistFalling(await create()),
    'has a velocity that decides clean and noise, along the path': async () => insistVelocity(await create(), velocity),
    'is pure: a time has one level': async () => insistPure(await create()),
    'takes the nearest timestep where it has timesteps': async () => insistNearest(await create()),
    'draws training times in [0, 1], decided by the uniform numbers': async () => insistTimes(await create()),
    'refuses NaN as a time': async () => {
      const schedule = await create();
      await insistRefusal(() => schedule.at(Number.NaN), 'at(NaN)', ['schedule.invalid']);
    },
  };
  if (fromConfig !== undefined) {
    promises['is created again from its settings'] = async () => {
      const schedule = await create();
      const again = await fromConfig(JSON.parse(JSON.stringify(schedule.config)) as Record<string, unknown>);
      for (const time of times) {
        insist(
          same(schedule.at(time), again.at(time)),
          `Created again from its own config, the schedule has another level at time ${time}; report every setting in config.`,
        );
      }
    };
  }
  return createSuite('noise schedule', promises, options);
}

function insistLevels(schedule: NoiseSchedule): void {
  for (const time of times) {
    const { alpha, sigma, velocity } = schedule.at(time);
    const wrong = [alpha, sigma, velocity.clean, velocity.noise].some((value) => !Number.isFinite(value));
    insist(
      !wrong && alpha >= 0 && sigma >= 0 && alpha + sigma > 0,
      `At time ${time} the level is ${JSON.stringify(schedule.at(time))}; alpha and sigma must be finite, at least 0 and not both 0, the velocity finite.`,
    );
  }
}

function insistEnds(schedule: NoiseSchedule, bound: number): void {
  const [clean, noise] = [schedule.at(0), schedule.at(1)];
  insist(
    clean.sigma <= bound * clean.alpha,
    `At time 0 sigma is ${clean.sigma} and alpha ${clean.alpha}; time 0 is data, with sigma / alpha at most ${bound} (the option \`ends\`).`,
  );
  insist(
    noise.alpha <= bound * noise.sigma,
    `At time 1 alpha is ${noise.alpha} and sigma ${noise.sigma}; time 1 is noise, with alpha / sigma at most ${bound} (the option \`ends\`).`,
  );
}

function insistFalling(schedule: NoiseSchedule): void {
  for (let index = 1; index < times.length; index++) {
    const [from, to] = [schedule.at(times[index - 1]!), schedule.at(times[index]!)];
    insist(
      to.alpha * from.sigma <= from.alpha * to.sigma * (1 + 1e-9),
      `From time ${times[index - 1]} to ${times[index]} alpha / sigma rises; the signal-to-noise ratio may never rise with time.`,
    );
  }
}

function insistVelocity(schedule: NoiseSchedule, kind: 'path' | 'own'): void {
  for (const time of times) {
    const { alpha, sigma, velocity } = schedule.at(time);
    const determinant = velocity.clean * sigma - velocity.noise * alpha;
    insist(
      Math.abs(determinant) > 1e-6,
      `At time ${time} the velocity is a multiple of the noisy latent itself (clean * sigma - noise * alpha is ${determinant}); it must tell clean and noise apart.`,
    );
    const along = kind === 'path' ? tangent(schedule, time) : undefined;
    if (along === undefined) continue;
    const cross = velocity.clean * along.noise - velocity.noise * along.clean;
    const lengths = Math.hypot(velocity.clean, velocity.noise) * Math.hypot(along.clean, along.noise);
    insist(
      Math.abs(cross) <= 1e-3 * lengths,
      `At time ${time} the velocity is ${velocity.clean} clean + ${velocity.noise} noise, but alpha and sigma move along ${along.clean} and ${along.noise}; write their derivative (or declare \`velocity: 'own'\`).`,
    );
  }
}

/** The direction in which alpha and sigma move: on the unit circle known, otherwise measured where time is continuous. */
function tangent(schedule: NoiseSchedule, time: number): { clean: number; noise: number } | undefined {
  const onCircle = ({ alpha, sigma }: NoiseLevel) => Math.abs(alpha * alpha + sigma * sigma - 1) < 1e-5;
  const { alpha, sigma } = schedule.at(time);
  if ([0.1, 0.5, 0.9, time].every((other) => onCircle(schedule.at(other)))) return { clean: -sigma, noise: alpha };
  const step = 1e-4;
  if (schedule.timesteps !== undefined || time < 0.01 || time > 0.99) return undefined;
  const [before, after] = [schedule.at(time - step), schedule.at(time + step)];
  return { clean: (after.alpha - before.alpha) / (2 * step), noise: (after.sigma - before.sigma) / (2 * step) };
}

function insistPure(schedule: NoiseSchedule): void {
  const first = times.map((time) => ({ ...schedule.at(time) }));
  schedule.sampleTime(() => 0.5);
  for (const [index, time] of times.entries()) {
    insist(
      same(first[index]!, schedule.at(time)),
      `at(${time}) gave two different levels; it must depend on the time alone.`,
    );
  }
}

function insistNearest(schedule: NoiseSchedule): void {
  const { timesteps } = schedule;
  if (timesteps === undefined) return;
  insist(
    Number.isInteger(timesteps) && timesteps >= 1,
    `timesteps is ${timesteps}; it must be a positive integer, or left out for continuous time.`,
  );
  for (const timestep of [0, 1, Math.floor(timesteps / 2), timesteps - 1].filter((n) => n < timesteps)) {
    const level = schedule.at(timestep / timesteps);
    for (const beside of [-0.4, 0.4].map((part) => Math.max(0, timestep + part) / timesteps)) {
      insist(
        same(level, schedule.at(beside)),
        `at(${beside}) differs from at(${timestep / timesteps}); a discrete schedule takes the timestep nearest to time * ${timesteps}.`,
      );
    }
  }
}

function insistTimes(schedule: NoiseSchedule): void {
  const ends = [0, 0.5, 1 - 2 ** -53];
  for (const first of ends) {
    for (const later of ends) {
      const draw = () => {
        let calls = 0;
        return schedule.sampleTime(() => (calls++ === 0 ? first : later));
      };
      const time = draw();
      insist(
        time >= 0 && time <= 1,
        `sampleTime gave ${time} for the uniform numbers ${first}, ${later}; training times lie in [0, 1].`,
      );
      insist(
        draw() === time,
        `sampleTime gave two times for the uniform numbers ${first}, ${later}; take all randomness from \`uniform\`.`,
      );
    }
  }
  const random = createRandom('training times');
  const drawn = Array.from({ length: 500 }, () => schedule.sampleTime(() => random.uniform()));
  const spread = new Set(drawn).size;
  insist(
    spread >= Math.min((schedule.timesteps ?? Infinity) / 2, 20),
    `sampleTime gave ${spread} different times in 500 draws; training needs times all along the path.`,
  );
}

function same(a: NoiseLevel, b: NoiseLevel): boolean {
  const numbers = ({ alpha, sigma, velocity }: NoiseLevel) => [alpha, sigma, velocity.clean, velocity.noise];
  const other = numbers(b);
  return numbers(a).every((value, index) => value === other[index]);
}
