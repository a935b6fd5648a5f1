import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HostTensor } from '../contracts/tensors.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';

const tensor = (...values: number[]): HostTensor => ({
  shape: [values.length],
  dtype: 'float32',
  data: Float32Array.from(values),
});
const average = { 'norm.weight': tensor(1, 2), 'head.weight': tensor(3) };
const checkpoint: Checkpoint = {
  config: { model: { width: 2 } },
  weights: average,
  assets: { 'tokenizer.json': new TextEncoder().encode('{"a": 1}') },
  trainer: {
    step: 7,
    nextDocument: 91,
    batchShape: { rows: 1, rowLength: 8, asked: 4, silent: 4, positionAxes: 1, blocks: {} },
    stores: {
      parameters: { 'norm.weight': tensor(4, 5), 'head.weight': tensor(6) },
      first: { 'norm.weight': tensor(0, 0.5), 'head.weight': tensor(0.25) },
      second: { 'norm.weight': tensor(1e-9, 2), 'head.weight': tensor(3) },
      average,
    },
  },
};

let folder: string;
let target: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  target = join(folder, 'checkpoint');
  await writeCheckpoint(target, checkpoint);
});

/** What is read, the files as plain byte arrays. */
async function readBack(): Promise<Checkpoint> {
  const { assets, ...rest } = await readCheckpoint(target);
  return {
    ...rest,
    assets: Object.fromEntries(Object.entries(assets).map(([name, bytes]) => [name, Uint8Array.from(bytes)])),
  };
}

const refusal = (code: string, place: string) => expect.objectContaining({ code, place: join(target, place) });

describe('a checkpoint folder', () => {
  it('gives back what was written, the state of training to the bit', async () => {
    expect(await readBack()).toEqual(checkpoint);
  });

  it('can do without the state of training', async () => {
    const { trainer: _, ...forGeneration } = checkpoint;
    await writeCheckpoint(target, forGeneration);
    expect(await readBack()).toEqual(forGeneration);
  });

  it('is refused where it does not exist or lacks a file', async () => {
    await expect(readCheckpoint(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'checkpoint.not-found' });
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'optimizer.safetensors']) {
      await writeCheckpoint(target, checkpoint);
      await rm(join(target, name));
      await expect(readCheckpoint(target)).rejects.toThrow(refusal('checkpoint.not-found', name));
    }
  });

  it('is refused with another tokenizer than its weights were written with, even one of the same size', async () => {
    await writeFile(join(target, 'tokenizer.json'), '{"b": 1}');
    await expect(readCheckpoint(target)).rejects.toThrow(refusal('tokenizer.mismatch', 'tokenizer.json'));
  });

  it('is refused with truncated weights and with a broken configuration', async () => {
    const { length } = await readFile(join(target, 'model.safetensors'));
    await truncate(join(target, 'model.safetensors'), length - 3);
    await expect(readCheckpoint(target)).rejects.toMatchObject({ code: 'tensor-file.malformed' });
    await writeCheckpoint(target, checkpoint);
    await writeFile(join(target, 'config.json'), '{"model": ');
    await expect(readCheckpoint(target)).rejects.toThrow(refusal('checkpoint.invalid', 'config.json'));
    await writeCheckpoint(target, checkpoint);
    await writeFile(join(target, 'trainer_state.json'), '{"step": 7}');
    await expect(readCheckpoint(target)).rejects.toThrow(refusal('checkpoint.invalid', 'trainer_state.json'));
  });
});
