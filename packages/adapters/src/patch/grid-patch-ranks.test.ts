import { createCompiledEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { weighted, worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { largestDifference, sizeOf, wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { createGridPatch, type GridPatchConfig } from './grid-patch.ts';

// Sounds have one axis, pictures two, videos three; everything runs compiled, since that is where axes are counted.

const engine = createCompiledEngine({ threads: 1 });
const planar: GridPatchConfig = {
  patch: [2, 2],
  channels: 3,
  axes: ['rows', 'columns'],
  maximumGrid: [4, 4],
  positions: 'learned',
};
const times = (...values: number[]) => ({
  shape: [values.length],
  dtype: 'float32' as const,
  data: Float32Array.from(values),
});

describe('grid patches of any rank', () => {
  const ranks = [
    { shape: [6, 5], patch: [2], axes: ['steps'], grid: [3] },
    { shape: [4, 4, 6, 2], patch: [2, 2, 3], axes: ['frames', 'rows', 'columns'], grid: [2, 2, 2] },
    { shape: [3, 4, 2, 2], patch: [1, 2, 2], axes: ['frames', 'rows', 'columns'], grid: [3, 2, 1] },
  ];

  it.each(ranks)('place tokens of a latent $shape by the sum of one row of each table', async (rank) => {
    const channels = rank.shape.at(-1)!;
    const cut = createGridPatch({
      ...rank,
      channels,
      maximumGrid: [4, 4, 4].slice(0, rank.axes.length),
      positions: 'learned',
    });
    expect(cut.tokenGrid(rank.shape)).toEqual(rank.grid);
    const params = waveParameters(cut.parameters(3));
    const only = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        rank.axes.includes(name.split('.')[0]!) ? value : { ...value, data: new Float32Array(value.data.length) },
      ]),
    );
    const { tokens } = await runOnce(
      engine,
      (inputs) => ({ tokens: cut.embed(inputs, inputs['noisy']!, inputs['time']!).tokens }),
      {
        ...only,
        noisy: { shape: [1, ...rank.shape], dtype: 'float32', data: wave(3, sizeOf(rank.shape)) },
        time: times(0.5),
      },
    );
    const count = sizeOf(rank.grid);
    expect(tokens!.shape).toEqual([1, count, 3]);
    for (let token = 0; token < count; token++) {
      let rest = token;
      const place = rank.grid.map((_, axis) => {
        const inner = sizeOf(rank.grid.slice(axis + 1));
        const index = Math.floor(rest / inner);
        rest -= index * inner;
        return index;
      });
      const expected = [0, 1, 2].map((index) =>
        rank.axes.reduce((sum, name, axis) => sum + params[`${name}.weight`]!.data[place[axis]! * 3 + index]!, 0),
      );
      expect(
        largestDifference((tokens!.data as Float32Array).subarray(token * 3, token * 3 + 3), expected),
      ).toBeLessThan(1e-6);
    }
  });

  it.each(ranks)('have the gradients that finite differences show, for a latent $shape', async (rank) => {
    const channels = rank.shape.at(-1)!;
    const cut = createGridPatch({ ...rank, channels, maximumGrid: rank.grid, positions: 'learned' });
    const params = {
      ...waveParameters(cut.parameters(4)),
      noisy: { shape: [2, ...rank.shape], dtype: 'float32' as const, data: wave(4, 2 * sizeOf(rank.shape)) },
      time: times(0.2, 0.6),
    };
    const worst = await worstGradientMismatch(
      engine,
      (inputs) => {
        const { tokens } = cut.embed(inputs, inputs['noisy']!, inputs['time']!);
        return weighted(cut.predict(inputs, tokens, rank.shape));
      },
      params,
      { names: Object.keys(params).filter((name) => name !== 'time') },
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });

  it('have no table of positions where none is asked for', () => {
    const cut = createGridPatch({ ...planar, positions: 'none' });
    const names = Object.keys(cut.parameters(8));
    expect(names).toEqual(
      Object.keys(createGridPatch(planar).parameters(8)).filter((name) => !/^(rows|columns)/.test(name)),
    );
  });

  it('give equal patches equal tokens where there are no positions', async () => {
    const cut = createGridPatch({ ...planar, positions: 'none' });
    const { tokens } = await runOnce(
      engine,
      (inputs) => ({ tokens: cut.embed(inputs, inputs['noisy']!, inputs['time']!).tokens }),
      {
        ...waveParameters(cut.parameters(5)),
        noisy: { shape: [1, 4, 6, 3], dtype: 'float32', data: new Float32Array(72).fill(0.5) },
        time: times(0.5),
      },
    );
    for (let token = 1; token < 6; token++) {
      expect(tokens!.data.slice(token * 5, token * 5 + 5)).toEqual(tokens!.data.slice(0, 5));
    }
  });

  it.each([
    ['no axis', { axes: [], patch: [], maximumGrid: [] }],
    ['four axes', { axes: ['a', 'b', 'c', 'd'], patch: [1, 1, 1, 1], maximumGrid: [1, 1, 1, 1] }],
    ['one name for two axes', { axes: ['rows', 'rows'] }],
    ['a patch of another rank', { patch: [2] }],
    ['a largest grid of another rank', { maximumGrid: [4, 4, 4] }],
    ['half a position', { patch: [2, 0.5] }],
    ['no channels', { channels: 0 }],
  ])('refuse %s', (_, wrong) => {
    expect(() => createGridPatch({ ...planar, ...wrong })).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
