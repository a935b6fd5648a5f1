import { gather, reshape, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { rotaryAngles } from './rotary-angles.ts';

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };
const config = tinyTransformer({ width: 48, heads: 4, sequenceLength: 16 }); // 6 pairs to a head

/** Cosines and sines at every position, `[B * T, 6]` each. */
async function anglesOf(engine: (typeof engines)[keyof typeof engines], positions: number[], shape: number[]) {
  const run = await engine.compile(
    (_, { at }) => {
      const { positions: rows, rotary } = rotaryAngles(config, at!);
      const flat = (table: Tensor) => gather(table, reshape(rows, [-1]));
      return { outputs: { cosine: flat(rotary.cosine), sine: flat(rotary.sine) } };
    },
    { name: 'angles', inputs: { at: { shape, dtype: 'int32' } }, stores: {} },
  );
  const { cosine, sine } = await run.run({ at: Int32Array.from(positions) });
  const copied = { cosine: [...cosine!.data], sine: [...sine!.data] };
  await run.dispose();
  return copied;
}

describe.each(Object.entries(engines))('rotary angles, %s', (_, engine) => {
  it('are the position times base^(-2 i / hd) for pair i', async () => {
    const { cosine, sine } = await anglesOf(engine, [0, 7], [1, 2]);
    for (let pair = 0; pair < 6; pair++) {
      const angle = 7 * 10_000 ** ((-2 * pair) / 12);
      expect(cosine[pair]).toBe(1);
      expect(cosine[6 + pair]).toBeCloseTo(Math.cos(angle), 6);
      expect(sine[6 + pair]).toBeCloseTo(Math.sin(angle), 6);
    }
  });

  it('let the pairs take turns among the axes', async () => {
    const { cosine, sine } = await anglesOf(engine, [3, 5, 11], [3, 1, 1]);
    for (let pair = 0; pair < 6; pair++) {
      const angle = [3, 5, 11][pair % 3]! * 10_000 ** ((-2 * pair) / 12);
      expect(cosine[pair]).toBeCloseTo(Math.cos(angle), 6);
      expect(sine[pair]).toBeCloseTo(Math.sin(angle), 6);
    }
  });

  it('are those of the sequence where all axes agree', async () => {
    const plain = await anglesOf(engine, [0, 4, 9, 2], [2, 2]);
    const axial = await anglesOf(engine, [0, 4, 9, 2, 0, 4, 9, 2], [2, 2, 2]);
    expect(axial).toEqual(plain);
  });

  it('reach from one position to another by their distance along each axis alone', async () => {
    // What a query at p sees of a key at q is cos(p - q), pair by pair: moved together, both see the same.
    const at = async (row: number, column: number) => anglesOf(engine, [row, column], [2, 1, 1]);
    const between = async (move: number) => {
      const [query, key] = [await at(5 + move, 2 + move), await at(1 + move, 4 + move)];
      return query.cosine.map((c, pair) => c * key.cosine[pair]! + query.sine[pair]! * key.sine[pair]!);
    };
    const [here, there] = [await between(0), await between(7)];
    here.forEach((value, pair) => expect(there[pair]).toBeCloseTo(value, 5));
  });
});

it('keeps the tensor type of positions', () => {
  expect(rotaryAngles(config, tensor([0, 1], [2, 1, 1], 'int32')).positions.dtype).toBe('int32');
});
