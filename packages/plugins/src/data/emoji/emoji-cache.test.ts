import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmojiCacheFiles, emojiCacheFiles, readEmojiCache, writeEmojiCache } from './emoji-cache.ts';

const stored = {
  size: 2,
  pictures: [
    { style: 'noto', label: 'red heart', split: 'train' },
    { style: 'noto', label: 'blue heart', split: 'colour-shape' },
  ] as const,
  pixels: Uint8Array.from({ length: 2 * 2 * 2 * 3 }, (_, i) => i),
};

let folder: string;
let files: EmojiCacheFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emoji-cache-'));
  files = emojiCacheFiles(join(folder, 'deep', 'down'), { size: 2 });
  await writeEmojiCache(files, stored);
});
afterEach(() => rm(folder, { recursive: true }));

describe('the emoji cache', () => {
  it('gives back what was stored, and leaves no temporary files', async () => {
    expect(await readEmojiCache(files)).toEqual(stored);
    expect(await readdir(join(folder, 'deep', 'down'))).toHaveLength(2);
  });

  it.each<[string, (files: EmojiCacheFiles) => Promise<unknown>]>([
    ['the pixels are cut short', ({ pixels }) => truncate(pixels, 10)],
    ['one pixel is changed', ({ pixels }) => writeFile(pixels, stored.pixels.with(3, 99))],
    ['the pixels are missing', ({ pixels }) => rm(pixels)],
    ['the list is cut short', ({ index }) => truncate(index, 40)],
    ['the list is missing', ({ index }) => rm(index)],
    ['the list is null', ({ index }) => writeFile(index, 'null')],
    [
      'a split in the list is changed',
      async ({ index }) => writeFile(index, (await readFile(index, 'utf8')).replace('colour-shape', 'train')),
    ],
  ])('counts as absent where %s', async (_, damage) => {
    await damage(files);
    expect(await readEmojiCache(files)).toBeUndefined();
  });

  it('has a place of its own for everything that decides what the pictures look like', () => {
    const paths = [{ size: 2 }, { size: 3 }, { size: 2, versions: ['a@1.0.0'] }, { size: 2, versions: ['a@1.0.1'] }];
    expect(new Set(paths.map((deciding) => emojiCacheFiles(folder, deciding).index)).size).toBe(4);
    expect(emojiCacheFiles(join(folder, 'deep', 'down'), { size: 2 })).toEqual(files);
  });

  it('says so when it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const blocked = emojiCacheFiles(join(folder, 'file'), {});
    await expect(writeEmojiCache(blocked, stored)).rejects.toMatchObject({
      code: 'dataset.unavailable',
      place: blocked.index,
    });
  });
});
