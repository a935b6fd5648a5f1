import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, DatasetSplit, RandomSource, RawImage } from '@transfuse/core/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalCaption, parseEmojiId } from './emoji-caption.ts';
import { createEmojiFactory } from './emoji-factory.ts';
import { emoji } from './index.ts';
import { emojiStyles } from './emoji-style.ts';

let folder: string;
let dataset: Dataset;
let milliseconds: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emoji-data-'));
  const start = performance.now();
  dataset = await createEmojiFactory().prepare({}, { cacheFolder: join(folder, 'whole') });
  milliseconds = performance.now() - start;
});
afterAll(() => rm(folder, { recursive: true }));

/** Counts up through [0, 1) in steps of 1/100. */
function countingRandom(): RandomSource {
  let calls = 0;
  return { uniform: () => (calls++ % 100) / 100 } as RandomSource;
}
const items = (split: DatasetSplit) =>
  Array.from({ length: split.length }, (_, index) => split.item(index, countingRandom()));
const splits = (data: Dataset) => [data.train, ...data.heldOut];
/** One hash over every id, caption and pixel, in order. */
function digest(data: Dataset): string {
  const hash = createHash('sha256');
  for (const { id, segments } of splits(data).flatMap(items)) {
    hash.update(`${id} ${String(segments[0]!.value)}`).update((segments[1]!.value as RawImage).data);
  }
  return hash.digest('hex');
}
const imageOf = (data: Dataset, id: string) =>
  splits(data)
    .flatMap(items)
    .find((item) => item.id === id)!.segments[1]!.value as RawImage;
const prepare = (settings: Record<string, unknown>, cacheFolder: string) =>
  createEmojiFactory().prepare(settings, { cacheFolder });

describe('the compositional data set', () => {
  it('has 434 training pictures and 17 held out; one white square that vanishes on white is left out', () => {
    expect(splits(dataset).map(({ name, length }) => [name, length])).toEqual([
      ['train', 434],
      ['colour-shape', 12],
      ['clock', 5],
    ]);
    const ids = splits(dataset).flatMap((split) => items(split).map(({ id }) => id));
    expect(new Set(ids).size).toBe(451);
    expect(ids).not.toContain('twemoji/white large square');
    for (const style of emojiStyles) expect(ids.some((id) => parseEmojiId(id)?.style === style)).toBe(true);
  });

  it('is drawn in far less than 15 s', () => {
    expect(milliseconds).toBeLessThan(15_000);
  });

  it('gives a caption and a picture of three channels per item', () => {
    for (const { id, segments } of splits(dataset).flatMap(items)) {
      expect(
        segments.map(({ modality }) => modality),
        id,
      ).toEqual(['text', 'image']);
      expect(segments[0]!.value).toBe(canonicalCaption(parseEmojiId(id)!));
      const { width, height, data } = segments[1]!.value as RawImage;
      expect([width, height, data.length], id).toEqual([32, 32, 32 * 32 * 3]);
    }
  });

  it('draws a red heart mostly red, a blue one mostly blue, on white, in every style', () => {
    for (const style of emojiStyles) {
      for (const [colour, channel] of [
        ['red', 0],
        ['blue', 2],
      ] as const) {
        const { data } = imageOf(dataset, `${style}/${colour} heart`);
        const pixels = Array.from({ length: 32 * 32 }, (_, i) => [...data.subarray(i * 3, i * 3 + 3)] as const);
        const inked = pixels.filter((rgb) => Math.min(...rgb) < 200);
        expect(inked.length, style).toBeGreaterThan(300);
        const right = inked.filter(
          (rgb) => rgb[channel] === Math.max(...rgb) && rgb[channel]! - rgb[2 - channel]! > 40,
        );
        expect(right.length / inked.length, `${style} ${colour}`).toBeGreaterThan(0.9);
        expect(
          [pixels[0], pixels[31]].every((corner) => Math.min(...corner!) > 250),
          style,
        ).toBe(true);
      }
    }
  });

  it('draws keycaps, clocks and arrows each in a way of their own', () => {
    for (const style of emojiStyles) {
      const labels = ['keycap 1', 'keycap 8', 'six o’clock', 'six-thirty', 'left arrow', 'right arrow'];
      const pictures = labels.map((label) =>
        Buffer.from(imageOf(dataset, `${style}/${label}`).data).toString('base64'),
      );
      expect(new Set(pictures).size).toBe(labels.length);
    }
  });

  it('picks the caption’s form in training by the random source, and keeps to the canonical one elsewhere', () => {
    const random = countingRandom();
    const draws = Array.from({ length: 100 }, () => dataset.train.item(7, random).segments[0]!.value as string);
    const count = (test: (caption: string) => boolean) => draws.filter(test).length;
    expect(count((caption) => caption.endsWith(' style'))).toBe(70);
    expect(count((caption) => caption.includes(' style '))).toBe(15);
    expect(count((caption) => !caption.includes('style'))).toBe(15);
    const held = dataset.heldOut[0]!;
    const forms = new Set(Array.from({ length: 100 }, () => held.item(0, random).segments[0]!.value));
    expect(forms).toEqual(new Set([canonicalCaption(parseEmojiId(held.item(0, random).id)!)]));
  });

  it('lists every caption it can give as a text, once', () => {
    const texts = [...dataset.texts()];
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).toEqual(
      expect.arrayContaining([
        'red heart, noto style',
        'red heart',
        'noto style red heart',
        'keycap 5',
        'blue heart, noto style',
      ]),
    );
  });

  it('refuses an index outside the split', () => {
    expect(() => dataset.train.item(434, countingRandom())).toThrow(
      /found index 434, expected an integer from 0 to 433/,
    );
  });
});

describe('preparing the data set', () => {
  const settings = { size: 8, styles: ['noto'] };

  it('reads what was drawn before, without drawing', async () => {
    const reports: unknown[] = [];
    const start = performance.now();
    const again = await createEmojiFactory().prepare(
      {},
      {
        cacheFolder: join(folder, 'whole'),
        progress: (report) => reports.push(report),
      },
    );
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(reports).toEqual([]);
    expect(digest(again)).toBe(digest(dataset));
  });

  it('draws again where the stored pixels are cut short', async () => {
    const cacheFolder = join(folder, 'damaged');
    const first = await prepare(settings, cacheFolder);
    const pixels = join(
      cacheFolder,
      (await readdir(cacheFolder)).find((file) => file.endsWith('.bin'))!,
    );
    const { size } = await stat(pixels);
    await truncate(pixels, size - 1);
    const second = await prepare(settings, cacheFolder);
    expect(digest(second)).toBe(digest(first));
    expect((await stat(pixels)).size).toBe(size);
    expect(await readdir(cacheFolder)).toHaveLength(2);
  });

  it('draws one style alone at another size, its split membership unchanged', async () => {
    const small = await prepare({ size: 8, styles: ['noto'] }, join(folder, 'small'));
    expect(imageOf(small, 'noto/red heart').width).toBe(8);
    const noto = (data: Dataset) =>
      data.heldOut
        .flatMap(items)
        .map(({ id }) => id)
        .filter((id) => id.startsWith('noto/'));
    expect(noto(small)).toEqual(noto(dataset));
    expect(small.heldOut.map(({ name }) => name)).toEqual(['colour-shape']);
  });

  it('reports its progress up to the end', async () => {
    const reports: { readonly done: number; readonly total: number }[] = [];
    await createEmojiFactory().prepare(settings, {
      cacheFolder: join(folder, 'progress'),
      progress: (report) => reports.push(report),
    });
    expect(reports.map(({ done }) => done)).toEqual(Array.from({ length: 113 }, (_, i) => i + 1));
    expect(reports.every(({ total }) => total === 113)).toBe(true);
  });

  it('stops when its signal says so, and stores nothing', async () => {
    const cacheFolder = join(folder, 'aborted');
    const controller = new AbortController();
    const running = createEmojiFactory().prepare(settings, {
      cacheFolder,
      signal: controller.signal,
      progress: ({ done }) => done === 5 && controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'dataset.aborted' });
    await expect(readdir(cacheFolder)).rejects.toThrow(/ENOENT/);
    await expect(
      createEmojiFactory().prepare({}, { cacheFolder: join(folder, 'whole'), signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'dataset.aborted' });
  });

  it('names a package that is not installed, and how to install it', async () => {
    const factory = createEmojiFactory({ resolveFrom: [`${folder}/`] });
    const missing = factory.prepare({}, { cacheFolder: folder });
    await expect(missing).rejects.toMatchObject({ code: 'dataset.unavailable' });
    await expect(missing).rejects.toThrow(/found no package emojibase-data.*npm install emojibase-data/);
  });

  it('says so when the cache folder cannot be written to', async () => {
    await writeFile(join(folder, 'blocked'), '');
    await expect(prepare(settings, join(folder, 'blocked'))).rejects.toMatchObject({ code: 'dataset.unavailable' });
  });

  it.each([
    [{ size: 7 }, 'data.size'],
    [{ size: 257 }, 'data.size'],
    [{ size: 32.5 }, 'data.size'],
    [{ size: '32' }, 'data.size'],
    [{ subset: 'half' }, 'data.subset'],
    [{ styles: [] }, 'data.styles'],
    [{ styles: 'noto' }, 'data.styles'],
    [{ styles: ['noto', 'noto'] }, 'data.styles'],
    [{ styles: ['openmoji'] }, 'data.styles'],
    [{ style: ['noto'] }, 'data.style'],
  ])('refuses the settings %j', async (wrong, place) => {
    await expect(prepare(wrong, folder)).rejects.toMatchObject({ code: 'config.invalid', place });
  });
});

describe('the plugin', () => {
  it('contributes the data set under the name it announces, with its settings bound', async () => {
    const [contribution] = emoji.contributions;
    expect(emoji.manifest.provides).toEqual([`${contribution!.kind}:${contribution!.name}`]);
    const factory = (await contribution!.create({ size: 8, styles: ['noto'] }, undefined as never)) as ReturnType<
      typeof createEmojiFactory
    >;
    const small = await factory.prepare({}, { cacheFolder: join(folder, 'small') });
    expect((small.train.item(0, countingRandom()).segments[1]!.value as RawImage).width).toBe(8);
  });
});
