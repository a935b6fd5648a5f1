/** Checks of what a sampler plans: times, levels, steps, and where a run may start. */
import { isDeepStrictEqual } from 'node:util';
import type { NoiseLevel, NoiseSchedule } from '../contracts/noise-schedule.ts';
import { insist, insistRefusal, insistUntouched } from './broken-contract.ts';
import { difference } from './number-arrays.ts';
import type { SamplerCase } from './sampler-case.ts';
import { unitNoise } from './sampling-walk.ts';

/** Times never rise, lie in [0, 1], and fall from each step to the next. */
export function insistFallingTimes({ run, where }: SamplerCase): void {
  const { evaluations, steps } = run;
  insist(evaluations.length > 0, `${where} there are no evaluations; a run has at least one.`);
  for (const [index, { time }] of evaluations.entries()) {
    insist(
      time >= 0 && time <= 1,
      `${where} evaluation ${index} stands at time ${time}; times lie in [0, 1] (a timestep n is n / timesteps).`,
    );
    const before = evaluations[index - 1]?.time ?? 1;
    insist(
      time <= before + 1e-6,
      `${where} the time rises from ${before} to ${time} at evaluation ${index}; it may only fall.`,
    );
  }
  const [first, last] = [evaluations[steps[0] ?? 0], evaluations[steps.at(-1) ?? 0]];
  insist(
    steps.length < 2 || last!.time < first!.time,
    `${where} all steps begin at time ${first?.time}; times must fall from noise towards data.`,
  );
}

/** The level of every evaluation is the schedule's at that time. */
export function insistLevelsOfSchedule({ run, schedule, where }: SamplerCase): void {
  for (const [index, { time, level }] of run.evaluations.entries()) {
    const [low, high] = angleRange(schedule, time);
    const own = angle(level);
    insist(
      own >= low - 2e-3 && own <= high + 2e-3,
      `${where} evaluation ${index} is told time ${time} but stands at sigma / alpha ${level.sigma / level.alpha}; the schedule has ${Math.tan(low)} there: plan time and level together.`,
    );
  }
}

/** The share of noise as an angle, 0 (clean) to pi / 2 (noise), which stays finite where alpha is 0. */
const angle = ({ alpha, sigma }: NoiseLevel) => Math.atan2(sigma, alpha);

/** Between two timesteps of a discrete schedule, and below time 0, a sampler may interpolate as it likes. */
function angleRange(schedule: NoiseSchedule, time: number): readonly [number, number] {
  const { timesteps } = schedule;
  if (time === 0) return [0, angle(schedule.at(0))];
  if (timesteps === undefined) return [angle(schedule.at(time)), angle(schedule.at(time))];
  const near = Math.round(time * timesteps);
  const between = Math.abs(time * timesteps - near) > 1e-3;
  const [low, high] = between ? [Math.floor(time * timesteps), Math.ceil(time * timesteps)] : [near, near];
  return [angle(schedule.at(low / timesteps)), angle(schedule.at(Math.min(1, high / timesteps)))];
}

/** `steps` begins with evaluation 0, rises, and stays within the evaluations. */
export function insistStepsList({ run: { steps, evaluations }, where }: SamplerCase): void {
  insist(steps[0] === 0, `${where} steps begins with ${steps[0]}; the first step begins with evaluation 0.`);
  for (const [index, evaluation] of steps.entries()) {
    insist(
      Number.isInteger(evaluation) &&
        evaluation < evaluations.length &&
        (index === 0 || evaluation > steps[index - 1]!),
      `${where} steps is [${steps.join(', ')}]; it must hold rising indices of the ${evaluations.length} evaluations.`,
    );
  }
}

/** Planning twice gives the same plan, and leaves the request alone. */
export async function insistSamePlan({ sampler, schedule, request, run, where }: SamplerCase): Promise<void> {
  const again = await insistUntouched({ request }, () => sampler.begin(schedule, request), `${where} begin`);
  insist(
    isDeepStrictEqual([again.evaluations, again.steps], [run.evaluations, run.steps]),
    `${where} begin planned two different runs for one request; a plan depends on schedule, request and settings alone.`,
  );
}

/** From noise alone a run starts at evaluation 0 with nothing remembered. */
export async function insistStart({ run, where }: SamplerCase): Promise<void> {
  const noise = unitNoise('start', 6);
  const state = await insistUntouched({ noise }, () => run.start(noise), `${where} start`);
  const { alpha, sigma } = run.evaluations[0]!.level;
  insist(
    state.index === 0 && Array.isArray(state.memory),
    `${where} start gave index ${state.index}, memory ${typeof state.memory}; a run starts at evaluation 0 with a list as memory.`,
  );
  insist(
    state.latent instanceof Float32Array && state.latent !== noise,
    `${where} the latent of start is not a Float32Array of its own; copy the noise.`,
  );
  const scale = state.latent[0]! / noise[0]!;
  const wrong = difference(
    state.latent,
    noise.map((value) => scale * value),
    { tolerance: 1e-5 },
  );
  insist(wrong === undefined, `${where} start from noise gave ${wrong}; it is the noise times one number.`);
  const [least, most] = [0.9 * sigma, 1.1 * (alpha + sigma)];
  insist(
    scale >= least && scale <= most,
    `${where} start multiplies unit noise by ${scale}; noisy data at that level have a deviation between sigma ${sigma} and alpha + sigma ${alpha + sigma}.`,
  );
}

/** With a clean latent every step can be started at: alpha clean + sigma noise at its level. */
export async function insistStartAnywhere({ run, where }: SamplerCase): Promise<void> {
  const [noise, clean] = [unitNoise('start', 6), unitNoise('clean', 6)];
  for (const [step, index] of run.steps.entries()) {
    const state = await insistUntouched({ noise, clean }, () => run.start(noise, { clean, step }), `${where} start`);
    insist(
      state.index === index,
      `${where} start at step ${step} gave index ${state.index}; that step begins with evaluation ${index}.`,
    );
    const { alpha, sigma } = run.evaluations[index]!.level;
    const wanted = noise.map((value, i) => alpha * clean[i]! + sigma * value);
    const wrong = difference(state.latent, wanted, { tolerance: 1e-5 });
    insist(
      wrong === undefined,
      `${where} start at step ${step} gave ${wrong}; with a clean latent it is alpha * clean + sigma * noise at that step's level.`,
    );
    insist(
      run.start(noise, { step }).index === index,
      `${where} start at step ${step} from noise alone begins elsewhere.`,
    );
  }
}

/** Steps that are not there, and clean latents of another size, are refused. */
export async function insistStartRefuses({ run, where }: SamplerCase): Promise<void> {
  const noise = unitNoise('start', 6);
  for (const step of [-1, 0.5, run.steps.length, Number.NaN]) {
    await insistRefusal(() => run.start(noise, { step }), `${where} start at step ${step}`, ['schedule.invalid']);
  }
  const clean = noise.slice(1);
  await insistRefusal(
    () => run.start(noise, { clean }),
    `${where} start with a clean latent of 5 values and noise of 6`,
    ['schedule.invalid'],
  );
}
