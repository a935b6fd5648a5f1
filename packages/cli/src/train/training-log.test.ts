import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTrainingLog } from './training-log.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-log-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a training log is read in its order, with gaps for what was not measured', async () => {
  const file = join(folder, 'metrics.jsonl');
  const record = { text: 2, diffusion: null, total: 3, learningRate: 0.1, tokensPerSecond: 10 };
  const lines = [
    { step: 1, time: 5, ...record },
    { step: 10, text: 1, 'diffusion/image': 0.5, 'diffusion/audio': null },
  ].map((line) => JSON.stringify(line));
  await writeFile(file, [...lines, 'no JSON', '{"time":1}', '3', ''].join('\n'));
  expect(await readTrainingLog(file)).toEqual([
    { step: 1, ...record, diffusion: NaN },
    {
      step: 10,
      text: 1,
      diffusion: NaN,
      diffusionOf: { image: 0.5 },
      total: NaN,
      learningRate: NaN,
      tokensPerSecond: NaN,
    },
  ]);
});

it('no training log is no records', async () => {
  expect(await readTrainingLog(join(folder, 'none.jsonl'))).toEqual([]);
});
