// Deliberately broken schedules, samplers, guiders, step caches and weightings: each breaks one promise of its contract.
import { describe } from 'vitest';
import type { Guider, LossWeighting, NoiseSchedule, Sampler, SamplingRun, StepCache } from '@transfuse/core/contracts';
import {
  checkGuider,
  type GuiderCheckOptions,
  checkLossWeighting,
  checkNoiseSchedule,
  checkSampler,
  checkStepCache,
  circleSchedule,
  discreteCircleSchedule,
  straightSchedule,
} from '@transfuse/core/testing';
import { createClassifierFreeGuider } from '@transfuse/plugins/guiders';
import { createDdpmSampler, createEulerSampler } from '@transfuse/plugins/samplers';
import { createTaylorCache } from '@transfuse/plugins/step-caches';
import { registerBroken } from './conformance-broken.ts';

describe('a broken noise schedule', () => {
  const suite = (broken: Partial<NoiseSchedule>, whole: NoiseSchedule = straightSchedule) =>
    checkNoiseSchedule(() => ({ ...whole, ...broken }), { fromConfig: () => straightSchedule });
  const levels = (at: (time: number) => { alpha?: number; sigma?: number; clean?: number; noise?: number }) =>
    suite({
      at(time) {
        const { velocity, ...level } = straightSchedule.at(time);
        const { alpha = level.alpha, sigma = level.sigma, clean = velocity.clean, noise = velocity.noise } = at(time);
        return { alpha, sigma, velocity: { clean, noise } };
      },
    });
  let calls = 0;
  registerBroken(suite({}), [
    ['has a name and plain settings', suite({ name: 'My Schedule' }), /^name is "My Schedule"; write lower-case/],
    ['has a name and plain settings', suite({ config: { most: Infinity } }), /^config.most does not survive .* JSON/],
    [
      'has finite, non-negative levels at every time',
      levels(() => ({ alpha: -0.1 })),
      /alpha and sigma must be finite/,
    ],
    ['runs from data at time 0 to noise at time 1', levels(() => ({ sigma: 1 })), /^At time 0 sigma is 1/],
    ['runs from data at time 0 to noise at time 1', levels(() => ({ alpha: 1 })), /^At time 1 alpha is 1/],
    [
      'never regains signal as time grows',
      levels((time) => (time > 0.5 && time < 0.6 ? { alpha: 0.9 } : {})),
      /^From time .* alpha \/ sigma rises/,
    ],
    [
      'has a velocity that decides clean and noise, along the path',
      levels((time) => ({ clean: 1 - time, noise: time })),
      /is a multiple of the noisy latent itself/,
    ],
    [
      'has a velocity that decides clean and noise, along the path',
      levels(() => ({ clean: -1, noise: 0.5 })),
      /but alpha and sigma move along .*; write their derivative/,
    ],
    [
      'has a velocity that decides clean and noise, along the path',
      suite({ at: (time) => ({ ...circleSchedule.at(time), velocity: { clean: -1, noise: 1 } }) }),
      /but alpha and sigma move along/,
    ],
    [
      'is pure: a time has one level',
      levels(() => ({ sigma: (calls += 1) })),
      /gave two different levels; it must depend on the time alone/,
    ],
    [
      'takes the nearest timestep where it has timesteps',
      suite({ timesteps: 100 }),
      /a discrete schedule takes the timestep nearest to time \* 100/,
    ],
    ['takes the nearest timestep where it has timesteps', suite({ timesteps: 0.5 }), /timesteps is 0.5; it must be/],
    [
      'draws training times in [0, 1], decided by the uniform numbers',
      suite({ sampleTime: (uniform) => 2 * uniform() }),
      /training times lie in \[0, 1\]/,
    ],
    [
      'draws training times in [0, 1], decided by the uniform numbers',
      suite({ sampleTime: () => Math.random() }),
      /take all randomness from `uniform`/,
    ],
    [
      'draws training times in [0, 1], decided by the uniform numbers',
      suite({ sampleTime: () => 0.5 }),
      /gave 1 different times in 500 draws/,
    ],
    [
      'refuses NaN as a time',
      suite({ at: (time) => straightSchedule.at(Number.isNaN(time) ? 0 : time) }),
      /^at\(NaN\) was accepted .* refuse it/,
    ],
    ['is created again from its settings', suite(circleSchedule), /^Created again from its own config/],
  ]);
});

describe('a broken sampler', () => {
  const schedules = [straightSchedule, discreteCircleSchedule];
  const suite = (sampler: Sampler) => checkSampler(() => sampler, { schedules });
  const euler = createEulerSampler();
  const ddpm = createDdpmSampler();
  /** Euler's method with another run, or part of one. */
  const run = (change: (run: SamplingRun) => Partial<SamplingRun>, of: Sampler = euler) =>
    suite({
      ...of,
      begin(schedule, request) {
        const whole = of.begin(schedule, request);
        return { ...whole, ...change(whole) };
      },
    });
  const step = (change: (whole: SamplingRun) => SamplingRun['step'], of: Sampler = euler) =>
    run((whole) => ({ step: change(whole) }), of);
  let plans = 0;
  registerBroken(suite(euler), [
    ['has a name and plain settings', suite({ ...euler, config: undefined as never }), /^config is undefined/],
    [
      'plans times that fall',
      run(({ evaluations }) => ({ evaluations: evaluations.toReversed() })),
      /the time rises from .* it may only fall/,
    ],
    [
      'plans times that fall',
      run(({ evaluations }) => ({ evaluations: evaluations.map((one) => ({ ...one, time: one.time * 1000 })) })),
      /times lie in \[0, 1\]/,
    ],
    [
      'plans levels that are those of the schedule at these times',
      run(({ evaluations }) => ({ evaluations: evaluations.map((one) => ({ ...one, time: one.time / 2 })) })),
      /is told time .* but stands at sigma \/ alpha/,
    ],
    [
      'lists the evaluation that each step begins with',
      run(() => ({ steps: [1] })),
      /steps begins with 1; the first step begins with evaluation 0/,
    ],
    [
      'lists the evaluation that each step begins with',
      run(({ steps }) => ({ steps: [0, ...steps] })),
      /it must hold rising indices/,
    ],
    [
      'plans the same run for the same request',
      run(({ evaluations }) => ({
        evaluations: evaluations.map((one) => ({ ...one, time: one.time * (1 - 1e-6 * plans++) })),
      })),
      /begin planned two different runs for one request/,
    ],
    [
      'starts from the noise times one number',
      run(({ start }) => ({ start: (noise, options) => ({ ...start(noise, options), latent: noise }) })),
      /is not a Float32Array of its own/,
    ],
    [
      'starts from the noise times one number',
      run(({ start }) => ({
        start: (noise, options) => ({ ...start(noise, options), latent: noise.map((x) => 80 * x) }),
      })),
      /start multiplies unit noise by 80/,
    ],
    [
      'starts from a clean latent at every step',
      run(({ start }) => ({ start: (noise, { step = 0 } = {}) => start(noise, { step }) })),
      /with a clean latent it is alpha \* clean \+ sigma \* noise/,
    ],
    [
      'starts from a clean latent at every step',
      run(({ start }) => ({ start: (noise, { clean } = {}) => start(noise, clean === undefined ? {} : { clean }) })),
      /start at step 1 gave index 0; that step begins with evaluation 1/,
    ],
    [
      'refuses to start where no step is, or from a latent of another size',
      run(({ start }) => ({
        start: (noise, { step = 0, ...rest } = {}) => start(noise, { ...rest, step: step >= 0 ? step : 0 }),
      })),
      /start at step -1 was accepted .* schedule.invalid/,
    ],
    [
      'steps purely, one evaluation at a time',
      step(({ step }) => {
        let before = 0;
        return (state, estimate, noise) => {
          const next = step(state, estimate, noise);
          const latent = next.latent.map((x) => x + 0.1 * before);
          before = latent[0]!;
          return { ...next, latent };
        };
      }),
      /taken again after the end of the run, gave another state/,
    ],
    [
      'steps purely, one evaluation at a time',
      step(({ step }) => (state, estimate, noise) => {
        const next = step(state, estimate, noise);
        state.latent.fill(0);
        return next;
      }),
      /step changed its argument state; arguments stay as they are/,
    ],
    [
      'steps purely, one evaluation at a time',
      step(({ step }) => (state, estimate, noise) => ({ ...step(state, estimate, noise), index: state.index + 2 })),
      /every step takes one evaluation/,
    ],
    [
      'leaves the noise it is given as it is',
      step(
        ({ step }) =>
          (state, estimate, noise) =>
            step(state, estimate, () => noise().fill(1)),
        ddpm,
      ),
      /step wrote into the array that noise\(\) gave/,
    ],
    [
      'goes on from a state stored as JSON after any evaluation',
      step(({ step }) => {
        const seen = new Map<number, Float32Array>();
        return (state, estimate, noise) => {
          const next = step(state, estimate, noise);
          const earlier = seen.get(state.index - 1);
          seen.set(state.index, estimate.clean.slice());
          return { ...next, latent: next.latent.map((x, i) => x + 0.01 * (earlier?.[i] ?? 0)) };
        };
      }),
      /a state stored as JSON after \d evaluations went on to another result in a new run/,
    ],
    [
      'asks for noise in whole latents, of any size',
      step(({ step }) => (state, estimate, noise) => {
        const drawn = state.latent.map((_, index) => noise()[index]!);
        return step(state, estimate, () => drawn);
      }),
      /times for 40; it gives a whole latent at once/,
    ],
    [
      'refuses estimates of another size',
      step(
        ({ step }) =>
          (state, { clean }, noise) =>
            step(state, { clean, noise: clean }, noise),
      ),
      /an estimate of another size was accepted/,
    ],
    [
      'refuses to step where no evaluation is',
      step(
        ({ step, evaluations }) =>
          (state, estimate, noise) =>
            step({ ...state, index: Math.min(state.index, evaluations.length - 1) }, estimate, noise),
      ),
      /a step at evaluation 1 of 1 was accepted/,
    ],
    [
      'refuses a number of steps that is no positive integer',
      suite({
        ...euler,
        begin: (schedule, request) => euler.begin(schedule, { ...request, steps: Math.round(request.steps) || 1 }),
      }),
      /begin with 0 steps was accepted/,
    ],
    [
      'lands on the point that an exact network knows, from every step',
      step(({ step }) => (state, estimate, noise) => {
        const next = step(state, estimate, noise);
        return { ...next, latent: next.latent.map((x) => 0.99 * x) };
      }),
      /the run ended at .* although the network always said 0.6/,
    ],
    [
      'reaches mean and deviation of Gaussian data with many steps',
      step(
        ({ step }) =>
          (state, { clean }, noise) =>
            step(state, { clean, noise: new Float32Array(clean.length) }, noise),
      ),
      /data of deviation 0.5 were sampled with deviation/,
    ],
  ]);
});

describe('a broken guider', () => {
  const whole = createClassifierFreeGuider({ scale: 3 });
  const suite = (broken: Partial<Guider>, options: GuiderCheckOptions = {}) =>
    checkGuider(() => ({ ...whole, ...broken }), {
      identity: () => createClassifierFreeGuider({ scale: 1 }),
      ...options,
    });
  let calls = 0;
  const sum = (a: Float32Array, b: ArrayLike<number> | undefined) => a.map((x, i) => x + 0.1 * (b?.[i] ?? 0));
  registerBroken(suite({}), [
    ['has a name and plain settings', suite({ name: '' }), /^name is ""/],
    ['asks for branches that exist, each once', suite({ branches: ['conditional'] }), /^branches has "conditional"/],
    ['asks for branches that exist, each once', suite({ branches: ['weak', 'weak'] }), /name each branch once/],
    [
      'says where it applies, by the moment alone',
      suite({ appliesAt: () => calls++ < 7 }),
      /appliesAt changed its mind about a moment/,
    ],
    [
      'says where it applies, by the moment alone',
      suite({ appliesAt: () => 1 as never }),
      /appliesAt gave 1, .*; it answers true or false/,
    ],
    [
      'gives finite outputs of the size it was given',
      suite({ guide: ({ guided }) => ({ guided: guided.slice(1) }) }),
      /guide gave 47 values for 48/,
    ],
    [
      'gives finite outputs of the size it was given',
      suite({ guide: ({ guided }) => ({ guided: guided.map(() => Number.NaN) }) }),
      /guide gave NaN at index 0; outputs must be finite/,
    ],
    [
      'is pure, and leaves its input as it is',
      suite({
        guide: ({ guided }) => ({
          guided: sum(
            guided,
            guided.map(() => calls++),
          ),
        }),
      }),
      /gave different outputs; keep what is remembered in `memory`/,
    ],
    [
      'is pure, and leaves its input as it is',
      suite({ guide: ({ guided }) => ({ guided: guided.fill(0) }) }),
      /guide changed its argument input/,
    ],
    [
      'remembers in arrays that can be stored',
      suite({ guide: ({ guided, memory }) => ({ guided: sum(guided, memory[0]), memory: [[...guided]] as never }) }),
      /memory is no list of Float32Arrays/,
    ],
    [
      'leaves the output alone where all branches agree',
      suite({ guide: ({ guided }) => ({ guided: guided.map((x) => 3 * x) }) }),
      /although all branches agree/,
    ],
    [
      'does nothing at the settings declared as identity',
      suite({}, { identity: () => createClassifierFreeGuider({ scale: 2 }) }),
      /although its settings are declared as doing nothing/,
    ],
  ]);
});

describe('a broken step cache', () => {
  const whole = createTaylorCache();
  const suite = (broken: Partial<StepCache>) => checkStepCache(() => ({ ...whole, ...broken }));
  let calls = 0;
  registerBroken(suite({}), [
    ['has a name and plain settings', suite({ config: [] as never }), /^config is \[\]; it must be an object/],
    ['reads at least one evaluated output', suite({ history: 0 }), /^history is 0/],
    [
      'makes the first evaluation of every run',
      suite({ evaluates: (index) => index > 0 }),
      /^evaluates\(0, 1\) is false/,
    ],
    [
      'decides by the index alone which evaluations are made',
      suite({ evaluates: (index) => index === 0 || calls++ % 2 === 0 }),
      /evaluates changed its mind/,
    ],
    [
      'forecasts the constant that the network always said',
      suite({ forecast: ([latest]) => latest!.output.map((x) => 1.1 * x) }),
      /what never changed is forecast unchanged/,
    ],
    [
      'forecasts the constant that the network always said',
      suite({
        forecast: ([latest, before], time) => {
          if (before === undefined) return latest!.output.slice();
          const slope = (time - latest!.time) / (latest!.time - before.time);
          return latest!.output.map((x, i) => x + slope * (x - before.output[i]!));
        },
      }),
      /at times 0.5, 0.5.* the forecast has NaN/,
    ],
    [
      'forecasts finite outputs, twice the same, from inputs that stay',
      suite({ forecast: ([latest]) => latest!.output.fill(0.75) }),
      /forecast changed its argument evaluated/,
    ],
    [
      'forecasts finite outputs, twice the same, from inputs that stay',
      suite({ forecast: ([latest]) => latest!.output.map((x) => x + calls++) }),
      /forecast gave two answers for the same outputs/,
    ],
  ]);
});

describe('a broken loss weighting', () => {
  const whole: LossWeighting = { name: 'whole', config: {}, weight: () => 1 };
  const suite = (broken: Partial<LossWeighting>) => checkLossWeighting(() => ({ ...whole, ...broken }));
  let calls = 0;
  registerBroken(suite({}), [
    ['has a name and plain settings', suite({ config: { at: () => 1 } }), /^config.at does not survive/],
    [
      'is finite and not negative at every level, both ends included',
      suite({ weight: ({ alpha, sigma }) => (alpha / sigma) ** 2 }),
      /at time 0, for epsilon, the weight is Infinity/,
    ],
    [
      'is finite and not negative at every level, both ends included',
      suite({ weight: ({ alpha }) => alpha - 0.5 }),
      /the weight is -0.\d+; it must be at least 0/,
    ],
    [
      'is pure, and leaves the level as it is',
      suite({ weight: () => calls++ }),
      /the weight changed between two calls/,
    ],
    [
      'is pure, and leaves the level as it is',
      suite({ weight: (level) => ((level as { alpha: number }).alpha = 2) }),
      /weight changed its argument level/,
    ],
    ['lets something be learned', suite({ weight: () => 0 }), /then nothing is learned/],
  ]);
});
