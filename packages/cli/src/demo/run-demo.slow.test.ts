import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runDemo } from './run-demo.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-demo-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('goes from nothing to a report with grids, drawings, captions and a checkpoint', async () => {
  const stages: string[] = [];
  const steps: number[] = [];
  const result = await runDemo({
    scale: 'quick',
    folder,
    cacheFolder: join(folder, 'cache'),
    seed: 1,
    steps: 8,
    onStage: (sentence) => stages.push(sentence),
    onPrepare: () => {},
    onStep: ({ step }) => steps.push(step),
  });

  expect(stages[0]).toMatch(/^Engine: compiled/);
  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const page = await readFile(result.report, 'utf8');
  for (const heading of [
    'Losses',
    'Pictures emerging',
    'Captions it saw',
    'Never seen in training',
    'Captions it wrote',
    'Settings',
  ]) {
    expect(page).toContain(heading);
  }
  expect(page.match(/data:image\/png/g)!.length).toBeGreaterThan(60);
  expect((await stat(join(result.checkpoint, 'model.safetensors'))).size).toBeGreaterThan(1_000_000);
  expect(result.scores.map(({ label }) => label)).toContain('drawings, held-out captions');
});

it('stops with the reason of its signal', async () => {
  const interrupt = new AbortController();
  const run = runDemo({
    scale: 'quick',
    folder: join(folder, 'stopped'),
    cacheFolder: join(folder, 'cache'),
    seed: 1,
    steps: 50,
    signal: interrupt.signal,
    onStage: () => {},
    onPrepare: () => {},
    onStep: ({ step }) => {
      if (step === 3) interrupt.abort(new Error('enough'));
    },
  });
  await expect(run).rejects.toThrow('enough');
});
