import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Dataset, DatasetSplit, RandomSource } from '@transfuse/core/contracts';
import { checkPlugin } from '@transfuse/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { greyPlayer, plainAnimation, tarOf, writePackage } from '../../../../../test/support/animated-emoji-sources.ts';
import type { EmojiClip } from './animation-dataset.ts';
import { createAnimatedEmojiFactory } from './animation-factory.ts';
import { animatedEmoji } from './index.ts';

// Packages as the published ones are, with few files: a panda (1f43c), a thumb in two tones, a beer mug that does not
// move, an animation without a name. The names are those of emojibase-data.

let folder: string;
let calls = 0;
const prepare = (settings: Record<string, unknown>, cache = `cache-${calls++}`) =>
  createAnimatedEmojiFactory({ resolveFrom: [import.meta.url, `${folder}/`] }).prepare(settings, {
    cacheFolder: join(folder, cache),
  });
const random = { uniform: () => 0 } as RandomSource;
const items = (split: DatasetSplit) => Array.from({ length: split.length }, (_, index) => split.item(index, random));
const everything = (data: Dataset) => [data.train, ...data.heldOut].flatMap(items);
const clipOf = (data: Dataset, id: string) =>
  everything(data).find((item) => item.id === id)!.segments[1]!.value as EmojiClip;
const refusal = (code: string, words = '') => ({ code, message: expect.stringContaining(words) as string });
const lottie = (frames: number) => new TextEncoder().encode(JSON.stringify({ frames }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'animated-emoji-'));
  const moving = await plainAnimation([0, 80, 160, 240], [42, 42, 42, 42]);
  await writePackage(folder, '@lobehub/fluent-emoji-anim-1', {
    'assets/1f43c.webp': moving,
    'assets/1f44d.webp': moving,
    'assets/1f44d-1f3fb.webp': moving,
    'assets/1f37a.webp': await plainAnimation([10], [0]),
    'assets/e000.webp': moving,
    'assets/.gitkeep': '',
  });
  await writePackage(folder, '@lobehub/fluent-emoji-anim-2', { 'assets/1f43b.webp': moving });
  await writePackage(folder, '@lobehub/fluent-emoji-anim-3', { 'assets/1f43b.webp': 'no picture' });
  await writePackage(folder, '@lottiefiles/dotlottie-web', {
    'dist/index.js': greyPlayer,
    'dist/dotlottie-player.wasm': 'wasm',
  });
  for (const code of ['1f43c', '1f3ce_fe0f']) {
    await mkdir(join(folder, 'noto', code), { recursive: true });
    await writeFile(join(folder, 'noto', code, 'lottie.json'), lottie(20));
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe('the animated emoji data set', () => {
  it('has a caption and a clip for every emoji that moves and has a name', async () => {
    const data = await prepare({ frames: 2, size: 16 });
    expect(data.name).toBe('animated-emoji');
    expect(
      everything(data)
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['fluent-3d/panda', 'fluent-3d/thumbs up', 'fluent-3d/thumbs up, light skin tone']);
    const [text, video] = items(data.train)[0]!.segments;
    expect([text!.modality, video!.modality]).toEqual(['text', 'video']);
    expect(text!.value).toBe(`${items(data.train)[0]!.id.slice('fluent-3d/'.length)}, fluent-3d style`);
  });

  it('spreads the frames of a clip evenly over its animation, on white, whatever its speed', async () => {
    const clip = clipOf(await prepare({ frames: 2, size: 16, frameDuration: 200 }), 'fluent-3d/panda');
    expect(clip.delays).toEqual([200, 200]);
    const pixels = clip.frames.map(({ data }) => [[...data.subarray(0, 3)], [...data.subarray(45, 48)]]);
    expect(pixels).toEqual([
      [
        [255, 255, 255],
        [80, 0, 0],
      ], // the second and the fourth frame: the middles of both halves
      [
        [255, 255, 255],
        [240, 0, 0],
      ],
    ]);
    expect(clip.frames[0]).toMatchObject({ width: 16, height: 16 });
  });

  it('scales frames to the size asked for', async () => {
    const clip = clipOf(await prepare({ frames: 1, size: 8 }), 'fluent-3d/panda');
    expect(clip.frames.map(({ width, height, data }) => [width, height, data.length])).toEqual([[8, 8, 192]]);
  });

  it('holds out what the still emoji hold out, and makes novel what training has no word for', async () => {
    const { train, heldOut } = await prepare({});
    const held = heldOut.flatMap((split) => items(split).map(({ id }) => `${split.name} ${id}`));
    expect(train.length + held.length).toBe(3);
    const words = new Set(items(train).flatMap(({ segments }) => String(segments[0]!.value).split(/[ ,]+/)));
    for (const split of heldOut.filter(({ name }) => name !== 'novel')) {
      for (const { segments } of items(split)) {
        for (const word of String(segments[0]!.value).split(/[ ,]+/)) expect(words).toContain(word);
      }
    }
  });

  it('gives one object per clip, and every caption as a text', async () => {
    const data = await prepare({});
    expect(clipOf(data, 'fluent-3d/panda')).toBe(clipOf(data, 'fluent-3d/panda'));
    expect([...data.texts()]).toContain('panda');
    const canonical = [...(await prepare({ captions: 'canonical' })).texts()];
    expect(canonical).toHaveLength(3);
    expect(canonical).toContain('panda, fluent-3d style');
    expect(() => data.train.item(99, random)).toThrow(expect.objectContaining({ code: 'dataset.unavailable' }));
  });

  it('reads other parts beside the first', async () => {
    const data = await prepare({ fluentParts: [1, 2] });
    expect(everything(data).map(({ id }) => id)).toContain('fluent-3d/bear');
  });

  it('draws Noto’s from a folder and from an archive, alike', async () => {
    const packed = ['lottie/1f43c/lottie.json', 'lottie/1f3ce_fe0f/lottie.json'].map((name) => ({
      name,
      data: lottie(20),
    }));
    await writeFile(join(folder, 'noto.tar.gz'), gzipSync(tarOf(packed)));
    for (const noto of ['noto', 'noto.tar.gz']) {
      const data = await prepare({ sources: ['noto'], noto: join(folder, noto), frames: 2, size: 8 });
      expect(
        everything(data)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(['noto/panda', 'noto/racing car']);
      expect(clipOf(data, 'noto/panda').frames.map(({ data: pixels }) => pixels[0])).toEqual([50, 150]);
    }
  });

  it('joins sources', async () => {
    const data = await prepare({ sources: ['noto', 'fluent'], noto: join(folder, 'noto') });
    expect(everything(data).filter(({ id }) => id.endsWith('/panda'))).toHaveLength(2);
  });

  it('is drawn once and read from the cache after, unless the cache is damaged', async () => {
    const first = await prepare({}, 'kept');
    const names = await readdir(join(folder, 'kept'));
    expect(names.every((name) => name.startsWith('animated-emoji-'))).toBe(true);
    const tasks: string[] = [];
    const again = () =>
      createAnimatedEmojiFactory({ resolveFrom: [import.meta.url, `${folder}/`] }).prepare(
        {},
        { cacheFolder: join(folder, 'kept'), progress: ({ task }) => void tasks.push(task) },
      );
    expect(everything(await again())).toEqual(everything(first));
    expect(tasks).toEqual([]);
    await truncate(
      join(
        folder,
        'kept',
        names.find((name) => name.endsWith('.bin'))!,
      ),
      100,
    );
    expect(everything(await again())).toEqual(everything(first));
    expect(tasks).toHaveLength(3);
  });

  it('refuses packages and files that are missing or broken, in words', async () => {
    const none = createAnimatedEmojiFactory({ resolveFrom: [import.meta.url] });
    const context = { cacheFolder: join(folder, 'none') };
    await expect(none.prepare({ fluentParts: [4] }, context)).rejects.toMatchObject(
      refusal('dataset.unavailable', 'npm install @lobehub/fluent-emoji-anim-4'),
    );
    await expect(prepare({ fluentParts: [3] })).rejects.toMatchObject(refusal('dataset.unavailable', '1f43b.webp'));
    const noto = (path: string) => prepare({ sources: ['noto'], noto: join(folder, path) });
    await expect(noto('nowhere')).rejects.toMatchObject(refusal('dataset.unavailable', 'nowhere'));
    await expect(noto('node_modules/@lobehub')).rejects.toMatchObject(refusal('dataset.unavailable', 'lottie.json'));
    await mkdir(join(folder, 'broken'), { recursive: true });
    await writeFile(join(folder, 'broken', '1f43c.json'), '{}');
    await expect(noto('broken')).rejects.toMatchObject(refusal('dataset.unavailable', 'no frames in it'));
  });

  it('stops where its caller gives up', async () => {
    const factory = createAnimatedEmojiFactory({ resolveFrom: [import.meta.url, `${folder}/`] });
    const stopped = factory.prepare({}, { cacheFolder: join(folder, 'no'), signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'dataset.aborted' });
  });

  it.each([
    [{ size: 4 }, 'data.size'],
    [{ frames: 0 }, 'data.frames'],
    [{ frameDuration: 0.5 }, 'data.frameDuration'],
    [{ sources: [] }, 'data.sources'],
    [{ sources: ['openmoji'] }, 'data.sources'],
    [{ sources: ['noto'] }, 'data.noto'],
    [{ noto: '' }, 'data.noto'],
    [{ fluentParts: [1, 1] }, 'data.fluentParts'],
    [{ captions: 'none' }, 'data.captions'],
    [{ colour: 'red' }, 'data.colour'],
  ])('refuses the settings %j', async (settings, place) => {
    await expect(prepare(settings)).rejects.toMatchObject({ code: 'config.invalid', place });
  });
});

checkPlugin(animatedEmoji, { title: 'the animated emoji plugin' }).register({ describe, it });
