import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AudioClip } from '@transfuse/adapters/audio';
import { RasterImage } from '@transfuse/adapters/image';
import { VideoClip } from '@transfuse/adapters/video';
import type { DenoisingState, GenerationEvent } from '@transfuse/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueOfJson } from '../media/json-value.ts';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { createJsonWriter, createTextWriter } from './event-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const red = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0) };
const blue = { ...red, data: Uint8Array.of(0, 0, 255, 0, 0, 255) };
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
  { type: 'shape', modality: 'audio', latentShape: [2, 1] },
  { type: 'segment', modality: 'audio', value: { sampleRate: 8000, channels: [new Float32Array(3)] } },
  { type: 'segment', modality: 'video', value: { frames: [red, blue], delays: [100, 100] } },
  { type: 'segment', modality: 'points', value: { points: Float32Array.of(0.5, 1) } },
  { type: 'segment', modality: 'graph', value: new Map() },
  { type: 'end', reason: 'maximum-tokens', tokens: 1, blocks: 2 },
];

describe('the writer for people', () => {
  it('writes text as it comes and, on lines of their own, where files are', async () => {
    const surroundings = recordSurroundings();
    const writer = createTextWriter({ ...surroundings, folder });
    for (const event of events) await writer.take(event);
    const files = ['image-1.png', 'image-2.png', 'audio-1.wav', 'video-1.webp', 'points-1.json'].map((name) =>
      join(folder, name),
    );
    expect(surroundings.written.stdout).toBe(`a heart\n${files.map((file) => `Saved ${file}\n`).join('')}`);
    expect((await RasterImage.read(files[1]!)).data).toEqual(red.data);
    expect((await AudioClip.read(files[2]!)).length).toBe(3);
    expect((await VideoClip.read(files[3]!)).duration).toBe(200);
    expect(valueOfJson(await readFile(files[4]!, 'utf8'))).toEqual({ points: Float32Array.of(0.5, 1) });
  });

  it('says on standard error what was not saved and why it ended early', async () => {
    const surroundings = recordSurroundings();
    const writer = createTextWriter({ ...surroundings, folder });
    for (const event of events) await writer.take(event);
    expect(surroundings.written.stderr).toContain('modality graph');
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
    { type: 'shape', modality: 'audio', latentShape: [2, 1] },
    { type: 'segment', modality: 'audio', file: join(folder, 'audio-1.wav') },
    { type: 'segment', modality: 'video', file: join(folder, 'video-1.webp') },
    { type: 'segment', modality: 'points', file: join(folder, 'points-1.json') },
    { type: 'segment', modality: 'graph' },
    { type: 'end', reason: 'maximum-tokens', tokens: 1, blocks: 2 },
  ]);
});
