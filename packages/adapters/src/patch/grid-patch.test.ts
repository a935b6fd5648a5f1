import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import type { HostTensor } from '@transfuse/core/contracts';
import { describe, expect, it } from 'vitest';
import { weighted, worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { largestDifference, sizeOf, wave, waveParameters, zerosLike } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { createGridPatch } from './grid-patch.ts';

// A latent of 4 x 6 x 3 in patches of 2: a grid of 2 rows and 3 columns, 12 numbers per patch. The model is as wide as a
// patch vector, so that a layer can be the identity.

const shape = [4, 6, 3] as const;
const [rows, columns, vectorSize] = [2, 3, 12];
const width = vectorSize;
const patch = createGridPatch({
  patch: [2, 2],
  channels: 3,
  axes: ['rows', 'columns'],
  maximumGrid: [4, 4],
  positions: 'learned',
});
const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

const random = waveParameters(patch.parameters(width));
const zero = zerosLike(random);
const identity: HostTensor = {
  shape: [width, width],
  dtype: 'float32',
  data: Float32Array.from({ length: width * width }, (_, index) => (index % (width + 1) === 0 ? 1 : 0)),
};

const latents = (batch: number, stream = 5): HostTensor => ({
  shape: [batch, ...shape],
  dtype: 'float32',
  data: wave(stream, batch * sizeOf(shape)),
});
const times = (...values: number[]): HostTensor => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});

async function tokensOf(
  params: Record<string, HostTensor>,
  noisy: HostTensor,
  time: HostTensor,
  engine = engines.eager,
) {
  const { tokens } = await runOnce(
    engine,
    (inputs) => ({ tokens: patch.embed(inputs, inputs['noisy']!, inputs['time']!).tokens }),
    { ...params, noisy, time },
  );
  expect(tokens!.shape).toEqual([noisy.shape[0], rows * columns, width]);
  return tokens!.data as Float32Array;
}

async function predictionOf(params: Record<string, HostTensor>, hidden: HostTensor, engine = engines.eager) {
  const { latent } = await runOnce(engine, (inputs) => ({ latent: patch.predict(inputs, inputs['hidden']!, shape) }), {
    ...params,
    hidden,
  });
  expect(latent!.shape).toEqual([hidden.shape[0], ...shape]);
  return latent!.data as Float32Array;
}

/** Where a number of the latent lies: which token, and which place in its vector. */
function placeOf(y: number, x: number, channel: number): number {
  const token = Math.floor(y / 2) * columns + Math.floor(x / 2);
  return token * vectorSize + ((y % 2) * 2 + (x % 2)) * 3 + channel;
}

describe.each(Object.entries(engines))('grid patches of pictures, %s', (_, engine) => {
  it('cuts patches in raster order, each row by row, channels innermost', async () => {
    const noisy = latents(2);
    const tokens = await tokensOf({ ...zero, 'input.weight': identity }, noisy, times(0, 0), engine);
    for (let batch = 0; batch < 2; batch++) {
      for (let index = 0; index < sizeOf(shape); index++) {
        const [y, x, channel] = [Math.floor(index / 18), Math.floor(index / 3) % 6, index % 3];
        expect(tokens[batch * 72 + placeOf(y, x, channel)]).toBe(noisy.data[batch * 72 + index]);
      }
    }
  });

  it('puts patches back where they were cut', async () => {
    const noisy = latents(2);
    const tokens = await tokensOf({ ...zero, 'input.weight': identity }, noisy, times(0, 0), engine);
    const hidden: HostTensor = { shape: [2, 6, width], dtype: 'float32', data: tokens };
    expect(await predictionOf({ ...zero, 'output.weight': identity }, hidden, engine)).toEqual(noisy.data);
  });

  it('has the gradients that finite differences show, into tokens', async () => {
    const params = { ...random, noisy: latents(2), time: times(0.3, 0.7) };
    const names = Object.keys(params).filter((name) => !name.startsWith('output.') && name !== 'time');
    const worst = await worstGradientMismatch(
      engine,
      (inputs) => weighted(patch.embed(inputs, inputs['noisy']!, inputs['time']!).tokens),
      params,
      { names },
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });

  it('has the gradients that finite differences show, out of hidden states', async () => {
    const hidden: HostTensor = { shape: [2, 6, width], dtype: 'float32', data: wave(8, 144) };
    const params = { 'output.weight': random['output.weight']!, 'output.bias': random['output.bias']!, hidden };
    const worst = await worstGradientMismatch(
      engine,
      (inputs) => weighted(patch.predict(inputs, inputs['hidden']!, shape)),
      params,
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });

  it('computes tokens as the formulas say', async () => {
    const noisy = latents(1);
    const time = 0.125;
    const tokens = await tokensOf(random, noisy, times(time), engine);
    const angles = Array.from({ length: 128 }, (_, index) => 1000 * time * 10_000 ** (-index / 128));
    const waves = [...angles.map(Math.sin), ...angles.map(Math.cos)];
    const inner = affine(waves, 'time.first').map((value) => value / (1 + Math.exp(-value)));
    const shift = affine(inner, 'time.second');
    for (let token = 0; token < 6; token++) {
      const [row, column] = [Math.floor(token / columns), token % columns];
      const vector = shift.map((value, place) => {
        const [y, x, channel] = [row * 2 + Math.floor(place / 6), column * 2 + (Math.floor(place / 3) % 2), place % 3];
        return value + noisy.data[(y * 6 + x) * 3 + channel]!;
      });
      const expected = affine(vector, 'input').map(
        (value, index) =>
          value +
          random['rows.weight']!.data[row * width + index]! +
          random['columns.weight']!.data[column * width + index]!,
      );
      expect(largestDifference(tokens.subarray(token * width, (token + 1) * width), expected)).toBeLessThan(5e-5);
    }
  });
});

/** `x @ weight + bias` with the random parameters. */
function affine(x: readonly number[], name: string): number[] {
  const [weight, bias] = [random[`${name}.weight`]!, random[`${name}.bias`]!];
  return Array.from(bias.data, (start, column) =>
    x.reduce((sum, value, row) => sum + value * weight.data[row * bias.data.length + column]!, start),
  );
}

describe('grid patches of pictures', () => {
  it('moves only the token whose patch changed', async () => {
    const before = await tokensOf(random, latents(1), times(0.5));
    const noisy = latents(1);
    (noisy.data as Float32Array)[(1 * 6 + 4) * 3] = 5; // y 1, x 4: the top right patch, token 2
    const after = await tokensOf(random, noisy, times(0.5));
    const moved = Array.from({ length: 6 }, (_, token) =>
      before
        .subarray(token * width, (token + 1) * width)
        .some((value, index) => value !== after[token * width + index]),
    );
    expect(moved).toEqual([false, false, true, false, false, false]);
  });

  it('shows each sample of a batch its own time, every patch of it alike', async () => {
    const same = latents(1).data as Float32Array;
    const noisy: HostTensor = { shape: [2, ...shape], dtype: 'float32', data: Float32Array.from([...same, ...same]) };
    const tokens = await tokensOf(random, noisy, times(0.2, 0.9));
    const alone = await tokensOf(random, latents(1), times(0.9));
    expect(largestDifference(tokens.subarray(72), alone)).toBe(0);
    const shift = (token: number, index: number) =>
      tokens[72 + token * width + index]! - tokens[token * width + index]!;
    for (let index = 0; index < width; index++) {
      for (let token = 1; token < 6; token++) expect(shift(token, index)).toBeCloseTo(shift(0, index), 4);
    }
    expect(Math.hypot(...Array.from({ length: width }, (_, index) => shift(0, index)))).toBeGreaterThan(0.1);
  });

  it('declares its parameters by shape and decays the matrices of its linear layers', () => {
    const written = Object.entries(patch.parameters(8)).map(
      ([name, { shape: size, decay }]) => `${name} ${size.join('x')}${decay ? ' decays' : ''}`,
    );
    expect(written).toEqual([
      'time.first.weight 256x8 decays',
      'time.first.bias 8',
      'time.second.weight 8x12 decays',
      'time.second.bias 12',
      'input.weight 12x8 decays',
      'input.bias 8',
      'rows.weight 4x8',
      'columns.weight 4x8',
      'output.weight 8x12 decays',
      'output.bias 12',
    ]);
  });

  it('says how many patches a latent has', () => {
    expect(patch.tokenGrid([4, 6, 3])).toEqual([2, 3]);
    expect(patch.tokenGrid([8, 2, 3])).toEqual([4, 1]);
  });

  it.each([
    ['a side that is no multiple of the patch', [4, 5, 3]],
    ['more patches than it has vectors for', [4, 10, 3]],
    ['other channels', [4, 4, 4]],
    ['an empty side', [0, 4, 3]],
    ['another rank', [4, 4]],
    ['more axes', [4, 4, 4, 3]],
    ['nothing', []],
  ])('refuses %s', (_, latentShape) => {
    expect(() => patch.tokenGrid(latentShape)).toThrow(expect.objectContaining({ code: 'latent.unsupported-shape' }));
  });
});
