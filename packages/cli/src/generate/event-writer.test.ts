import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RasterImage } from '@transfuse/adapters/image';
import type { DenoisingState, GenerationEvent } from '@transfuse/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { createJsonWriter, createTextWriter } from './event-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const red = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0) };
const state: DenoisingState = {
  sampler: { index: 1, latent: new Float32Array(2), memory: [] },
  guidance: [],
  evaluated: [],
  random: [1, 2],
  startNoise: new Float32Array(2),
  evaluations: 2,
};
const events: readonly GenerationEvent[] = [
  { type: 'token', modality: 'text', id: 4, logProbability: -1 },
  { type: 'text', delta: 'a ' },
  { type: 'text', delta: 'heart' },
  { type: 'segment', modality: 'text', value: 'a heart' },
  { type: 'step', modality: 'image', step: 1, of: 2, source: 'network', preview: async () => red, state },
  { type: 'segment', modality: 'image', value: red },
  { type: 'segment', modality: 'image', value: red },
  { type: 'segment', modality: 'audio', value: new Float32Array(3) },
  { type: 'end', reason: 'maximum-tokens', tokens: 1, blocks: 2 },
];

describe('the writer for people', () => {
  it('writes text as it comes and, on lines of their own, where pictures are', async () => {
    const surroundings = recordSurroundings();
    const writer = createTextWriter({ ...surroundings, folder });
    for (const event of events) await writer.take(event);
    const [first, second] = [join(folder, 'image-1.png'), join(folder, 'image-2.png')];
    expect(surroundings.written.stdout).toBe(`a heart\nSaved ${first}\nSaved ${second}\n`);
    expect((await RasterImage.read(second)).data).toEqual(red.data);
  });

  it('says on standard error what was not saved and why it ended early', async () => {
    const surroundings = recordSurroundings();
    const writer = createTextWriter({ ...surroundings, folder });
    for (const event of events) await writer.take(event);
    expect(surroundings.written.stderr).toContain('modality audio');
    expect(surroundings.written.stderr).toContain('--max-tokens');
  });

  it('ends text with exactly one line break', async () => {
    const surroundings = recordSurroundings();
    const writer = createTextWriter({ ...surroundings, folder });
    await writer.take({ type: 'text', delta: 'done\n' });
    await writer.take({ type: 'end', reason: 'end-of-document', tokens: 1, blocks: 0 });
    expect(surroundings.written).toEqual({ stdout: 'done\n', stderr: '' });
  });
});

it('the writer for scripts writes every event as one line of JSON', async () => {
  const surroundings = recordSurroundings();
  const writer = createJsonWriter({ ...surroundings, folder });
  for (const event of events) await writer.take(event);
  const lines = surroundings.written.stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { type: 'token', modality: 'text', id: 4, logProbability: -1 },
    { type: 'text', delta: 'a ' },
    { type: 'text', delta: 'heart' },
    { type: 'segment', modality: 'text', value: 'a heart' },
    { type: 'step', modality: 'image', step: 1, of: 2, source: 'network' },
    { type: 'segment', modality: 'image', file: join(folder, 'image-1.png') },
    { type: 'segment', modality: 'image', file: join(folder, 'image-2.png') },
    { type: 'segment', modality: 'audio' },
    { type: 'end', reason: 'maximum-tokens', tokens: 1, blocks: 2 },
  ]);
});
