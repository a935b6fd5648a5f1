import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createHost, type Host, type TransfuseConfig } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eightPictures, picturePlugin } from './support/picture-dataset.ts';

const steps = 14;
const stopAfter = 6;

function config(accumulate: number): TransfuseConfig {
  return {
    data: { name: 'pictures' },
    model: { width: 32, depth: 2, heads: 2, sequenceLength: 64 },
    modalities: {
      text: { adapter: 'bpe', vocabularySize: 280 },
      image: { adapter: 'linear-patch', size: 16, patchSize: 8 },
    },
    train: { steps, rows: 2, rowLength: 64, warmup: 3, accumulate, logEvery: 1 },
  };
}

describe.each([1, 3])('a run of %i batches per step that was interrupted', (accumulate) => {
  let folder: string;
  let host: Host;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'transfuse-resume-'));
    host = await createHost({ plugins: [text, image, diffusion, picturePlugin(eightPictures())] });
  });
  afterAll(async () => {
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  it('continues the very same loss curve, in memory and in the metrics file', async () => {
    const whole: number[] = [];
    await host.train(config(accumulate), { folder: join(folder, 'whole'), onStep: ({ total }) => whole.push(total) });

    const parts: number[] = [];
    const interrupt = new AbortController();
    const first = await host.train(config(accumulate), {
      folder: join(folder, 'parts'),
      signal: interrupt.signal,
      onStep: ({ total, step }) => {
        parts.push(total);
        if (step === stopAfter) interrupt.abort();
      },
    });
    expect(first).toMatchObject({ reason: 'aborted', step: stopAfter });
    const second = await host.train(config(accumulate), {
      folder: join(folder, 'parts'),
      resume: 'checkpoint',
      onStep: ({ total }) => parts.push(total),
    });

    expect(second).toMatchObject({ reason: 'finished', step: steps });
    expect(parts).toEqual(whole);
    const logged = async (run: string) =>
      (await readFile(join(folder, run, 'metrics.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { step: number; total: number })
        .map(({ step, total }) => ({ step, total }));
    expect(await logged('parts')).toEqual(await logged('whole'));
    for (const name of ['model.safetensors', 'optimizer.safetensors', 'trainer_state.json']) {
      const [one, other] = await Promise.all(
        ['whole', 'parts'].map((run) => readFile(join(folder, run, 'checkpoint', name))),
      );
      expect(one!.equals(other!)).toBe(true);
    }
  });
});
