import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clip } from '../media/clip.ts';
import { picture } from '../media/picture.ts';
import { sound } from '../media/sound.ts';
import { readWants } from './wanted.ts';

const red = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 0, 0, 255) };

let folder: string;
let from: string;
let mask: string;
let tone: string;
let wink: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-wanted-'));
  [from, mask, tone, wink] = ['from.png', 'mask.png', 'tone.wav', 'wink.webp'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  await picture.save(red, from);
  await picture.save({ width: 2, height: 1, data: Uint8Array.of(255, 255, 255, 0, 0, 0) }, mask);
  await sound.save({ sampleRate: 8000, channels: [new Float32Array(80)] }, tone);
  await clip.save({ frames: [red, { ...red, data: new Uint8Array(6) }], delays: [100, 100] }, wink);
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is wanted', () => {
  it('is nothing, or modalities in order', async () => {
    expect(await readWants({})).toEqual([]);
    expect(await readWants({ want: ['text', 'image'] })).toEqual([{ want: 'text' }, { want: 'image' }]);
  });

  it('is as large as the size says, texts left out', async () => {
    const size = { seconds: 1.5 };
    expect(await readWants({ want: ['text', 'audio'], size })).toEqual([{ want: 'text' }, { want: 'audio', size }]);
    expect(await readWants({ from: tone, size })).toMatchObject([{ want: 'audio', size, from: { sampleRate: 8000 } }]);
  });

  it('is what kind of file it begins from', async () => {
    expect(await readWants({ from, strength: 0.4 })).toMatchObject([
      { want: 'image', strength: 0.4, from: { width: 2, height: 1 } },
    ]);
    expect(await readWants({ from: tone })).toMatchObject([{ want: 'audio', from: { length: 80 } }]);
    expect(await readWants({ from: wink })).toMatchObject([{ want: 'image' }]);
    expect(await readWants({ from: wink }, ['text', 'video'])).toMatchObject([
      { want: 'video', from: { duration: 200 } },
    ]);
    expect(await readWants({ from: `video:${wink}` })).toMatchObject([{ want: 'video' }]);
    expect(await readWants({ want: ['video'], from })).toMatchObject([{ want: 'video', from: { delays: [0] } }]);
  });

  it('is a value of a modality that somebody brought, read from JSON', async () => {
    const cloud = join(folder, 'cloud.json');
    await writeFile(cloud, '{"points":{"type":"Float32Array","values":[1]}}');
    const value = { points: Float32Array.of(1) };
    const wants = [{ want: 'points', from: value }];
    expect(await readWants({ want: ['points'], from: cloud }, ['text', 'points'])).toEqual(wants);
    expect(await readWants({ from: `points:${cloud}` }, ['text', 'points'])).toEqual(wants);
  });

  it('is anew where the mask is white', async () => {
    const [want] = await readWants({ from, mask });
    expect(want!.mask).toEqual({ data: Float32Array.of(1, 0), shape: [1, 2] });
  });

  it.each([
    [{ strength: 0.5 }, '--strength'],
    [{ mask: 'm.png' }, '--mask'],
    [{ from: 'f.wav', mask: 'm.png' }, '--mask'],
    [{ from: 'f.png', want: ['text'] }, '--from'],
    [{ from: 'f.png', want: ['points'] }, '--from'],
    [{ from: 'f.png', want: ['image', 'image'] }, '--from'],
    [{ from: 'audio:f', want: ['image'] }, '--from'],
    [{ from: 'f.xyz' }, '--from'],
    [{ size: { seconds: 1 } }, '--size'],
    [{ size: { seconds: 1 }, want: ['text'] }, '--size'],
  ])('is refused as %j', async (options, place) => {
    await expect(readWants(options)).rejects.toMatchObject({ code: 'generation.invalid-option', place });
  });
});
