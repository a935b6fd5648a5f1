/**
 * Makes one continuous block: the sampler plans, the network is asked at each of its evaluations (or a step cache
 * forecasts what it would say), guiders combine the branches, and the sampler steps, until the latent is clean.
 */
import type { Guider, GuidanceMoment } from '../contracts/guider.ts';
import type { NoiseLevel, NoiseSchedule, PredictionType } from '../contracts/noise-schedule.ts';
import type { Sampler, SamplerState, SamplingRun } from '../contracts/sampler.ts';
import type { EvaluatedOutput, StepCache } from '../contracts/step-cache.ts';
import { TransfuseError } from '../errors/index.ts';
import { toEstimate } from '../objective/parametrisation.ts';
import type { DenoisingState } from './denoising-state.ts';
import { branchesAt, guide, type GuidanceMemory } from './guidance-chain.ts';
import type { NoiseSource } from './noise-source.ts';
import type { BlockDenoiser } from './sequence-reader.ts';

/** How a block is made. */
export interface DenoisingSettings {
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionType;
  readonly sampler: Sampler;
  readonly steps: number;
  readonly guiders: readonly Guider[];
  readonly stepCache?: StepCache | undefined;
}

/** What is made. */
export interface DenoisingTask {
  readonly latentShape: readonly number[];
  /** Tokens of the block. */
  readonly tokens: number;
  /** Begins from a clean latent instead of from noise alone, `strength` of the way back: above 0, 1 is all of it. */
  readonly from?: { readonly clean: Float32Array; readonly strength: number };
  /** 1 where `from.clean` is made anew, 0 where it stays; between the two it is mixed. Of the latent's size. */
  readonly mask?: Float32Array;
  /** Turns the start noise towards another: 0 not at all, 1 wholly. */
  readonly variation?: { readonly noise: Float32Array; readonly amount: number };
  /** Goes on from a state that an earlier run of the same settings yielded. */
  readonly resume?: DenoisingState;
}

/** Where a block stands after an evaluation. */
export interface DenoisingStep {
  /** From 1. */
  readonly step: number;
  readonly of: number;
  readonly latent: Float32Array;
  /** The network's present estimate of the clean latent. */
  readonly estimate: Float32Array;
  /** Whether the network was asked, or a forecast stood in for it. */
  readonly source: 'network' | 'forecast';
  readonly state: DenoisingState;
}

/** Yields after every evaluation; the last one's `latent` is the result. */
export async function* denoiseBlock(
  denoiser: BlockDenoiser,
  { schedule, prediction, sampler, steps, guiders, stepCache }: DenoisingSettings,
  task: DenoisingTask,
  noise: NoiseSource,
): AsyncGenerator<DenoisingStep> {
  const { latentShape, tokens, from, mask } = task;
  const run = sampler.begin(schedule, { steps, tokens, prediction });
  const of = run.evaluations.length;
  const made = describeRun({ schedule, prediction, sampler, steps, guiders, stepCache }, task);
  if (task.resume !== undefined) checkFits(task.resume, { made, of });
  const startNoise = task.resume?.startNoise ?? varied(noise.draw(latentShape), task.variation);
  let state = task.resume?.sampler ?? startState(run, startNoise, from);
  const begun = task.resume?.begun ?? state.index;
  let memory: GuidanceMemory = task.resume?.guidance ?? [];
  let evaluated: readonly EvaluatedOutput[] = task.resume?.evaluated ?? [];
  if (task.resume !== undefined) noise.restore(task.resume.random);
  else state = { ...state, latent: keepOutside(state.latent, task, startNoise, run.evaluations[state.index]!.level) };
  while (state.index < of) {
    const { index, latent } = state;
    const { time, level } = run.evaluations[index]!;
    const moment: GuidanceMoment = { index, of, time, level };
    const forecasts =
      stepCache !== undefined && evaluated.length > 0 && !stepCache.evaluates(index - begun, of - begun);
    let output: Float32Array;
    if (forecasts) {
      output = stepCache.forecast(evaluated, time);
    } else {
      const outputs = await denoiser.predict(latent, time, branchesAt(guiders, moment));
      const result = guide(guiders, { moment, latent, latentShape, prediction, outputs }, memory);
      memory = result.memory;
      output = result.guided;
      if (stepCache !== undefined) {
        evaluated = [{ time, output: output.slice() }, ...evaluated].slice(0, stepCache.history);
      }
    }
    const estimate = toEstimate(output, latent, prediction, level);
    state = run.step(state, estimate, () => noise.draw(latentShape));
    if (mask !== undefined && (state.index === of || run.steps.includes(state.index))) {
      const next = run.evaluations[state.index]?.level ?? cleanLevel;
      state = { ...state, latent: keepOutside(state.latent, task, startNoise, next) };
    }
    yield {
      step: index + 1,
      of,
      latent: state.latent,
      estimate: estimate.clean,
      source: forecasts ? 'forecast' : 'network',
      state: {
        sampler: state,
        guidance: memory,
        evaluated,
        random: noise.save(),
        startNoise,
        begun,
        evaluations: of,
        latentShape,
        made,
      },
    };
  }
}

const cleanLevel: Pick<NoiseLevel, 'alpha' | 'sigma'> = { alpha: 1, sigma: 0 };

function startState(run: SamplingRun, noise: Float32Array, from: DenoisingTask['from']): SamplerState {
  if (from === undefined) return run.start(noise);
  const { length } = run.steps;
  const made = Math.min(length, Math.max(1, Math.floor(length * from.strength)));
  return run.start(noise, { clean: from.clean, step: length - made });
}

/** Where the mask says so, the known latent with as much noise as the rest has now (Lugmayr et al. 2022, equation 8). */
function keepOutside(
  latent: Float32Array,
  { from, mask }: DenoisingTask,
  noise: Float32Array,
  { alpha, sigma }: Pick<NoiseLevel, 'alpha' | 'sigma'>,
): Float32Array {
  if (mask === undefined || from === undefined) return latent;
  const { clean } = from;
  return latent.map((x, i) => mask[i]! * x + (1 - mask[i]!) * (alpha * clean[i]! + sigma * noise[i]!));
}

/** Between two noises along the circle, so that the result is unit noise too. */
function varied(noise: Float32Array, variation: DenoisingTask['variation']): Float32Array {
  if (variation === undefined) return noise;
  const angle = (variation.amount * Math.PI) / 2;
  const [own, other] = [Math.cos(angle), Math.sin(angle)];
  return noise.map((x, i) => own * x + other * variation.noise[i]!);
}

/** What has to be the same for a run to go on as it would have: printed in errors, so in few words. */
function describeRun(settings: DenoisingSettings, { latentShape, from, mask }: DenoisingTask): string {
  const { schedule, prediction, sampler, steps, guiders, stepCache } = settings;
  const part = ({ name, config }: { readonly name: string; readonly config: object }) =>
    `${name} ${JSON.stringify(config)}`;
  return [
    `latent ${latentShape.join('x')}`,
    `schedule ${part(schedule)}`,
    `prediction ${prediction}`,
    `sampler ${part(sampler)}`,
    `${steps} steps`,
    `guidance ${guiders.map(part).join(', ') || 'none'}`,
    `step cache ${stepCache === undefined ? 'none' : part(stepCache)}`,
    `from ${from === undefined ? 'noise' : `a picture at strength ${from.strength}`}`,
    `mask ${mask === undefined ? 'none' : 'given'}`,
  ].join('; ');
}

function checkFits(state: DenoisingState, { made, of }: { readonly made: string; readonly of: number }): void {
  if (state.made === made && state.evaluations === of && state.sampler.index <= of) return;
  const [before, now] = [state.made.split('; '), made.split('; ')];
  const differing = now.findIndex((part, index) => part !== before[index]);
  throw new TransfuseError({
    code: 'generation.invalid-state',
    place: 'want.resume',
    found: `a state of a run with ${before[differing] ?? `${state.evaluations} evaluations`}`,
    expected: `one of a run with ${now[differing] ?? `${of} evaluations`}`,
    mend: 'Resume with the model, sampler, guidance and picture that the state was saved with.',
  });
}
