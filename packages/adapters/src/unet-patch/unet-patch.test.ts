import { add, sum, type Tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import type { HostTensor, NamedTensors } from '@transfuse/core/contracts';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { initializeParameters } from '@transfuse/core/params';
import { createRandom } from '@transfuse/core';
import { describe, expect, it } from 'vitest';
import { weighted } from '../../../../test/support/tiny-gradient-check.ts';
import { largestDifference, sizeOf, wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { createUnetPatch, type UnetPatch, type UnetPatchConfig } from './unet-patch.ts';

// Latents of 8 x 12 x 3 in patches of 4: three resolutions, a grid of 2 rows and 3 columns. Hidden states are inputs.

const small = { patchSize: 4, channels: 3, maximumGrid: [4, 4], widths: [4, 6, 8], groups: 2, timeWidth: 6 } as const;
const latentShape = [8, 12, 3] as const;
const width = 10;
const engine = await createEagerEngine();
const compiledEngine = createCompiledEngine({ threads: 1, cache: 'none' });

const array = (shape: readonly number[], stream: number): HostTensor => ({
  shape,
  dtype: 'float32',
  data: wave(stream, sizeOf(shape)),
});
const times = (...values: number[]): HostTensor => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});
const inputsAt = (time: number, changes: Readonly<Record<string, HostTensor>> = {}) => ({
  noisy: array([1, ...latentShape], 5),
  hidden: array([1, 6, width], 8),
  time: times(time),
  ...changes,
});

/** The prediction, for a latent whose maps come from `around` where that is given. */
function predicted(patch: UnetPatch, inputs: NamedTensors): Tensor {
  const { noisy, around = noisy, time, hidden } = inputs as Record<string, Tensor>;
  const { skips } = patch.embed(inputs, around!, time!);
  return patch.predict(inputs, hidden!, time!, { ...skips, noisy: noisy! }, latentShape);
}

async function prediction(
  config: UnetPatchConfig,
  params: Readonly<Record<string, HostTensor>>,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Float32Array> {
  const patch = createUnetPatch(config);
  const { latent } = await runOnce(engine, (fed) => ({ latent: predicted(patch, fed) }), { ...params, ...inputs });
  expect(latent!.shape).toEqual([1, ...latentShape]);
  return latent!.data as Float32Array;
}

const randomFor = (config: UnetPatchConfig) => waveParameters(createUnetPatch(config).parameters(width));
const otherMaps = { around: array([1, ...latentShape], 31) };
const otherHidden = { hidden: array([1, 6, width], 32) };

describe('a gated skip', () => {
  const gated: UnetPatchConfig = { ...small, skips: 'gated' };
  const open: UnetPatchConfig = { ...small, skips: 'open' };

  it('carries nothing around the transformer at time 1, whatever is learned', async () => {
    const params = randomFor(gated);
    expect(
      largestDifference(
        await prediction(gated, params, inputsAt(1, otherMaps)),
        await prediction(gated, params, inputsAt(1)),
      ),
    ).toBe(0);
  });

  it('leaves the hidden states to decide at time 1', async () => {
    const params = randomFor(gated);
    expect(
      largestDifference(
        await prediction(gated, params, inputsAt(1, otherHidden)),
        await prediction(gated, params, inputsAt(1)),
      ),
    ).toBeGreaterThan(0.01);
  });

  it.each([0, 0.5, 0.9])('carries something at time %d', async (time) => {
    const params = randomFor(gated);
    expect(
      largestDifference(
        await prediction(gated, params, inputsAt(time, otherMaps)),
        await prediction(gated, params, inputsAt(time)),
      ),
    ).toBeGreaterThan(1e-4);
  });

  it('is an open skip at time 0 as long as its gate has not learned', async () => {
    const params = Object.fromEntries(
      Object.entries(randomFor(gated)).map(([name, value]) =>
        name.includes('.gate.') ? [name, { ...value, data: new Float32Array(value.data.length) }] : [name, value],
      ),
    );
    const ungated = Object.fromEntries(Object.entries(params).filter(([name]) => !name.includes('.gate.')));
    expect(
      largestDifference(await prediction(gated, params, inputsAt(0)), await prediction(open, ungated, inputsAt(0))),
    ).toBe(0);
    expect(
      largestDifference(await prediction(gated, params, inputsAt(0.5)), await prediction(open, ungated, inputsAt(0.5))),
    ).toBeGreaterThan(1e-4);
  });
});

describe('other policies of skips', () => {
  it('let everything around the transformer at every time when they are open', async () => {
    const open: UnetPatchConfig = { ...small, skips: 'open' };
    const params = randomFor(open);
    expect(
      largestDifference(
        await prediction(open, params, inputsAt(1, otherMaps)),
        await prediction(open, params, inputsAt(1)),
      ),
    ).toBeGreaterThan(0.01);
  });

  it('let nothing but the latent’s own proportion around it when there are none', async () => {
    const none: UnetPatchConfig = { ...small, skips: 'none' };
    const params = randomFor(none);
    expect(
      largestDifference(
        await prediction(none, params, inputsAt(0, otherMaps)),
        await prediction(none, params, inputsAt(0)),
      ),
    ).toBe(0);
    expect(Object.keys(params).filter((name) => /skip|gate/.test(name))).toEqual([]);
  });
});

describe('the latent’s own proportion', () => {
  const none: UnetPatchConfig = { ...small, skips: 'none' };
  const otherLatent = { noisy: array([1, ...latentShape], 33) };

  it.each([
    ['free', 1, true],
    ['fading', 0.5, true],
    ['fading', 1, false],
  ] as const)('is part of the prediction when it is %s at time %d: %s', async (proportion, time, expected) => {
    const config = { ...none, proportion };
    const params = randomFor(config);
    const difference = largestDifference(
      await prediction(config, params, inputsAt(time, otherLatent)),
      await prediction(config, params, inputsAt(time)),
    );
    expect(difference > 1e-3).toBe(expected);
    if (!expected) expect(difference).toBe(0);
  });
});

describe('the U-Net’s part of a token', () => {
  const params = randomFor(small);
  const otherVectors = {
    ...params,
    'down.output.weight': array(params['down.output.weight']!.shape, 41),
  };
  const tokensAt = async (weights: Readonly<Record<string, HostTensor>>, time: number) => {
    const patch = createUnetPatch(small);
    const { tokens } = await runOnce(
      engine,
      (fed) => {
        const { noisy, time: at } = fed as Record<string, Tensor>;
        return { tokens: patch.embed(fed, noisy!, at!).tokens };
      },
      { ...weights, noisy: array([1, ...latentShape], 5), time: times(time) },
    );
    return tokens!.data as Float32Array;
  };

  it('counts less the noisier the latent is, and nothing at time 1', async () => {
    const changes = await Promise.all(
      [0, 0.5, 1].map(async (time) =>
        largestDifference(await tokensAt(otherVectors, time), await tokensAt(params, time)),
      ),
    );
    expect(changes[0]).toBeGreaterThan(0.1);
    expect(changes[1]).toBeGreaterThan(0.05);
    expect(changes[1]).toBeLessThan(changes[0]!);
    expect(changes[2]).toBe(0);
  });
});

describe('the first weights', () => {
  const patch = createUnetPatch(small);
  const params = initializeParameters(patch.parameters(width), createRandom('first'));

  it('predict what one linear layer makes of the hidden states, and nothing else', async () => {
    const atFirst = await prediction(small, params, inputsAt(0.3));
    expect(largestDifference(await prediction(small, params, inputsAt(0.9, otherMaps)), atFirst)).toBe(0);
    expect(largestDifference(await prediction(small, params, inputsAt(0.3, otherHidden)), atFirst)).toBeGreaterThan(0);
    const weight = params['up.patches.weight']!;
    const without = { ...params, 'up.patches.weight': { ...weight, data: new Float32Array(weight.data.length) } };
    expect(await prediction(small, without, inputsAt(0.3))).toEqual(new Float32Array(sizeOf(latentShape)));
  });

  it('make tokens as large as embeddings of words are, and not larger', async () => {
    const { tokens } = await runOnce(
      engine,
      (fed) => ({ tokens: patch.embed(fed, fed['noisy']!, fed['time']!).tokens }),
      { ...params, noisy: array([2, ...latentShape], 5), time: times(0.2, 0.9) },
    );
    const size = Math.sqrt(tokens!.data.reduce((total, x) => total + x * x, 0) / tokens!.data.length);
    expect(size).toBeGreaterThan(0.02);
    expect(size).toBeLessThan(0.2);
  });

  it('give the last layers the gradient at once and all others within a few steps', async () => {
    const names = Object.keys(params);
    const inputs: Record<string, HostTensor> = inputsAt(0.4);
    const differentiate = await compiledEngine.compile(
      (_, fed) => {
        const { grads } = valueAndGrads((...values: Tensor[]) => {
          const own = { ...fed, ...Object.fromEntries(names.map((name, index) => [name, values[index]!])) };
          const { tokens } = patch.embed(own, fed['noisy']!, fed['time']!);
          return add(weighted(predicted(patch, own)), sum(tokens)) as never;
        })(names.map((name) => fed[name]!));
        return { outputs: Object.fromEntries(names.map((name, index) => [name, grads[index]!])) };
      },
      { name: 'gradients', inputs: { ...params, ...inputs } },
    );
    const weights = Object.fromEntries(names.map((name) => [name, Float32Array.from(params[name]!.data)]));
    const at = Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data]));
    const reached = new Map<string, number>();
    for (let step = 1; step <= 5; step++) {
      const gradients = await differentiate.run({ ...weights, ...at });
      for (const name of names) {
        const gradient = gradients[name]!.data;
        if (!reached.has(name) && gradient.some((x) => x !== 0)) reached.set(name, step);
        weights[name] = weights[name]!.map((x, index) => x - 0.01 * Math.sign(gradient[index]!));
      }
    }
    await differentiate.dispose();
    expect(reached.get('up.output.weight')).toBe(1);
    expect(reached.get('up.proportion.weight')).toBe(1);
    expect(names.filter((name) => !reached.has(name))).toEqual([]);
  });
});

describe('the grid of a U-Net patch adapter', () => {
  const patch = createUnetPatch(small);

  it('has one token for each patch', () => {
    expect(patch.tokenGrid([8, 12, 3])).toEqual([2, 3]);
    expect(createUnetPatch({ ...small, patchSize: 8, widths: [2, 2, 2, 2], groups: 1 }).tokenGrid([32, 32, 3])).toEqual(
      [4, 4],
    );
    expect(createUnetPatch({ ...small, patchSize: 2, widths: [2, 2] }).tokenGrid([2, 8, 3])).toEqual([1, 4]);
  });

  it.each([
    ['a side that is no multiple of the patch', [8, 6, 3]],
    ['more patches than it has vectors for', [8, 20, 3]],
    ['other channels', [8, 8, 4]],
    ['an empty side', [0, 8, 3]],
    ['another rank', [8, 8]],
  ])('refuses %s', (_, shape) => {
    expect(() => patch.tokenGrid(shape)).toThrow(expect.objectContaining({ code: 'latent.unsupported-shape' }));
  });

  it('tells tokens apart by where they are, unless it shall not', async () => {
    const flat: HostTensor = { ...array([1, ...latentShape], 5), data: new Float32Array(sizeOf(latentShape)) };
    const spread = async (positions: 'learned' | 'none') => {
      const own = createUnetPatch({ ...small, blocks: 0, positions });
      const params = waveParameters(own.parameters(width));
      const { tokens } = await runOnce(
        engine,
        (fed) => ({ tokens: own.embed(fed, fed['noisy']!, fed['time']!).tokens }),
        {
          ...params,
          noisy: flat,
          time: times(0.5),
        },
      );
      return largestDifference(tokens!.data.slice(0, width), tokens!.data.slice(5 * width));
    };
    expect(await spread('learned')).toBeGreaterThan(0.01);
    expect(await spread('none')).toBeLessThan(1e-6);
  });
});
