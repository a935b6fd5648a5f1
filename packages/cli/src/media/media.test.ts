import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clip } from './clip.ts';
import { dataFile } from './data-file.ts';
import { media, mediumOfFile, mediumOfModality, mediumOfValue } from './media.ts';
import { createNumberedSaver } from './numbered-files.ts';
import { picture } from './picture.ts';
import { sound } from './sound.ts';

const red = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0) };
const blue = { width: 2, height: 1, data: Uint8Array.of(0, 0, 255, 0, 0, 255) };
const tone = { sampleRate: 8000, channels: [Float32Array.of(0, 0.5, -0.5, 0.25)] };
const blinking = { frames: [red, blue], delays: [100, 200] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-media-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a medium', () => {
  it.each([
    ['a picture', red, picture],
    ['a sound', tone, sound],
    ['a clip', blinking, clip],
  ])('is found for %s', (_, value, medium) => {
    expect(mediumOfValue(value)).toBe(medium);
    expect(mediumOfModality(medium.modality)).toBe(medium);
  });

  it('is found for no value that is none', () => {
    const others = [undefined, null, 'x', 3, {}, new Float32Array(3), { width: 1 }, { frames: [], delays: [] }];
    for (const value of [...others, { sampleRate: 8000, channels: [[0]] }]) {
      expect(mediumOfValue(value)).toBeUndefined();
    }
    expect(mediumOfModality('text')).toBeUndefined();
  });

  it.each([
    ['a.PNG', [], 'image'],
    ['a.flac', [], 'audio'],
    ['a.webm', [], 'video'],
    ['a.gif', [], 'image'],
    ['a.gif', ['video', 'text'], 'video'],
    ['a.wav', ['image'], 'audio'],
    ['a.txt', ['image'], undefined],
    ['png', [], undefined],
  ])('of the file %s in a model of [%s] is %s', (file, modalities, modality) => {
    expect(mediumOfFile(file, modalities)?.modality).toBe(modality);
  });

  it.each(media.map((medium) => [medium.noun.one, medium] as const))(
    'reads what it saved of a %s, and saves with an extension that it reads',
    async (_, medium) => {
      expect(medium.extensions).toContain(medium.extension);
      const value = [red, tone, blinking][media.indexOf(medium)]!;
      const file = join(folder, `again${medium.extension}`);
      await medium.save(value, file);
      const again = await medium.read(file);
      expect(mediumOfValue(again)).toBe(medium);
      if (picture.isValue(again)) expect(again.data).toEqual(red.data);
      if (sound.isValue(again)) {
        again.channels[0]!.forEach((sample, index) => expect(sample).toBeCloseTo(tone.channels[0]![index]!, 4));
      }
      if (clip.isValue(again)) {
        expect(again.delays).toEqual(blinking.delays);
        expect(again.frames.map(({ data }) => [...data])).toEqual([[...red.data], [...blue.data]]);
      }
    },
  );
});

it('segments are saved under numbers of their medium, and JSON where they are of none', async () => {
  const save = createNumberedSaver(folder);
  const points = { points: Float32Array.of(0.1, -2), of: 'a chair' };
  expect(await save({ modality: 'image', value: red })).toBe(join(folder, 'image-1.png'));
  expect(await save({ modality: 'audio', value: tone })).toBe(join(folder, 'audio-1.wav'));
  expect(await save({ modality: 'video', value: blinking })).toBe(join(folder, 'video-1.webp'));
  expect(await save({ modality: 'photo', value: blue })).toBe(join(folder, 'image-2.png'));
  expect(await save({ modality: 'points', value: points })).toBe(join(folder, 'points-1.json'));
  expect(await save({ modality: 'a/b', value: new Float32Array(3) })).toBe(join(folder, 'a_b-1.json'));
  expect(await save({ modality: 'points', value: new Map() })).toBeUndefined();
  expect((await readdir(folder)).filter((name) => name.includes('-'))).toHaveLength(6);
  expect(await dataFile('points').read(join(folder, 'points-1.json'))).toEqual(points);
});
