import { describe, expect, it } from 'vitest';
import { largestDifference, wave } from '../../../../test/support/tiny-numbers.ts';
import type { ParameterSpec } from '../contracts/parameters.ts';
import type { Engine } from '../contracts/engine.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { adamW, type OptimizerConfig } from './optimizer.ts';

const spec: ParameterSpec = {
  matrix: { shape: [2, 3], initializer: { kind: 'zeros' }, decay: true },
  gain: { shape: [3], initializer: { kind: 'ones' }, decay: false },
};
const names = Object.keys(spec);
const config: OptimizerConfig = { betas: [0.8, 0.9], epsilon: 1e-3, weightDecay: 0.5, clip: 1 };
const sizes = { matrix: 6, gain: 3 };
const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

type Arrays = Record<string, number[]>;
interface State {
  readonly parameters: Arrays;
  readonly first: Arrays;
  readonly second: Arrays;
  readonly average: Arrays;
}
const start: State = {
  parameters: { matrix: [...wave(1, 6)], gain: [...wave(2, 3)] },
  first: { matrix: Array<number>(6).fill(0), gain: Array<number>(3).fill(0) },
  second: { matrix: Array<number>(6).fill(0), gain: Array<number>(3).fill(0) },
  average: { matrix: [...wave(3, 6)], gain: [...wave(4, 3)] },
};

/** Loshchilov and Hutter 2019, algorithm 2, word for word: clip, moments, bias corrections, decoupled decay. */
function expectedStep(
  state: State,
  gradients: Arrays,
  step: number,
  rate: number,
  averageDecay: number,
  by: OptimizerConfig,
): State {
  const norm = Math.hypot(...names.flatMap((name) => gradients[name]!));
  const scale = Math.min(1, by.clip / (norm + 1e-6));
  const next: State = { parameters: {}, first: {}, second: {}, average: {} };
  for (const name of names) {
    const g = gradients[name]!.map((value) => value * scale);
    const m = g.map((value, index) => by.betas[0] * state.first[name]![index]! + (1 - by.betas[0]) * value);
    const v = g.map((value, index) => by.betas[1] * state.second[name]![index]! + (1 - by.betas[1]) * value ** 2);
    const weights = state.parameters[name]!.map((weight, index) => {
      const corrected =
        m[index]! / (1 - by.betas[0] ** step) / (Math.sqrt(v[index]! / (1 - by.betas[1] ** step)) + by.epsilon);
      return weight - rate * (corrected + (spec[name]!.decay ? by.weightDecay * weight : 0));
    });
    next.first[name] = m;
    next.second[name] = v;
    next.parameters[name] = weights;
    next.average[name] = state.average[name]!.map(
      (mean, index) => averageDecay * mean + (1 - averageDecay) * weights[index]!,
    );
  }
  return next;
}

const host = (values: readonly number[], shape: readonly number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(values),
});

/** The optimizer as a compiled function over stores that begin with {@link start}. */
async function optimizerOn(engine: Engine, by: OptimizerConfig) {
  const stores = Object.fromEntries(
    (Object.keys(start) as (keyof State)[]).map((store) => [
      store,
      engine.createStore(Object.fromEntries(names.map((name) => [name, host(start[store][name]!, spec[name]!.shape)]))),
    ]),
  );
  const scalar = { shape: [], dtype: 'float32' as const };
  const compiled = await engine.compile(
    ({ parameters, first, second, average }, inputs) => {
      const { learningRate, firstCorrection, secondCorrection, averageDecay } = inputs;
      const { gradientNorm, ...updates } = adamW(
        spec,
        by,
        { parameters: parameters!, first: first!, second: second!, average: average! },
        { matrix: inputs['matrix']!, gain: inputs['gain']! },
        {
          learningRate: learningRate!,
          firstCorrection: firstCorrection!,
          secondCorrection: secondCorrection!,
          averageDecay: averageDecay!,
        },
      );
      return { outputs: { gradientNorm }, updates };
    },
    {
      name: 'adamw',
      stores,
      inputs: {
        matrix: { shape: [2, 3], dtype: 'float32' },
        gain: { shape: [3], dtype: 'float32' },
        learningRate: scalar,
        firstCorrection: scalar,
        secondCorrection: scalar,
        averageDecay: scalar,
      },
    },
  );
  return {
    /** @returns the gradient's norm */
    async step(gradients: Arrays, step: number, rate: number, averageDecay: number): Promise<number> {
      const { gradientNorm } = await compiled.run({
        matrix: Float32Array.from(gradients['matrix']!),
        gain: Float32Array.from(gradients['gain']!),
        learningRate: Float32Array.of(rate),
        firstCorrection: Float32Array.of(1 / (1 - by.betas[0] ** step)),
        secondCorrection: Float32Array.of(1 / (1 - by.betas[1] ** step)),
        averageDecay: Float32Array.of(averageDecay),
      });
      return gradientNorm!.data[0]!;
    },
    read: async (store: keyof State, name: string) => (await stores[store]!.read(name)).data.slice(),
  };
}

const gradientsOf = (step: number, amplitude: number): Arrays => ({
  matrix: [...wave(10 + step, sizes.matrix, amplitude)],
  gain: [...wave(20 + step, sizes.gain, amplitude)],
});

describe.each(Object.entries(engines))('AdamW, %s', (_, engine) => {
  it.each([
    ['gradients below the clip', 0.2, config],
    ['gradients above the clip', 40, config],
    ['no weight decay', 0.2, { ...config, weightDecay: 0 }],
    ['a tiny epsilon', 3, { ...config, epsilon: 1e-8 }],
  ])('follows the algorithm for five steps: %s', async (_, amplitude, by) => {
    const optimizer = await optimizerOn(engine, by);
    let expected = start;
    for (let step = 1; step <= 5; step++) {
      const gradients = gradientsOf(step, amplitude);
      const [rate, averageDecay] = [0.1 / step, 0.5 + step / 20];
      expected = expectedStep(expected, gradients, step, rate, averageDecay, by);
      const gradientNorm = await optimizer.step(gradients, step, rate, averageDecay);
      const norm = Math.hypot(...names.flatMap((name) => gradients[name]!));
      expect(Math.abs(gradientNorm / norm - 1)).toBeLessThan(1e-6);
      for (const store of Object.keys(start) as (keyof State)[]) {
        for (const name of names) {
          const data = await optimizer.read(store, name);
          expect(largestDifference(data, expected[store][name]!), `step ${step}, ${store}, ${name}`).toBeLessThan(3e-6);
        }
      }
    }
  });

  it('leaves no moment too small for full precision, and no weight moving, after a thousand steps without gradients', async () => {
    const optimizer = await optimizerOn(engine, { ...config, betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0 });
    const smallestNormal = 2 ** -126;
    await optimizer.step(gradientsOf(1, 0.2), 1, 0.1, 0.5);
    const still: Arrays = { matrix: Array<number>(6).fill(0), gain: Array<number>(3).fill(0) };
    for (let step = 2; step < 1500; step++) await optimizer.step(still, step, 0.1, 0.5);
    const before = await optimizer.read('parameters', 'matrix');
    for (let step = 1500; step < 1510; step++) await optimizer.step(still, step, 0.1, 0.5);
    expect(await optimizer.read('parameters', 'matrix')).toEqual(before);
    for (const store of ['first', 'second'] as const) {
      for (const moment of await optimizer.read(store, 'matrix')) {
        expect(Math.abs(moment)).toBeLessThan(1e-25);
        if (moment !== 0) expect(Math.abs(moment)).toBeGreaterThan(smallestNormal);
      }
    }
  });
});
