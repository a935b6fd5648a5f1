import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, RandomSource } from '@transfuse/core/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmojiFactory } from './emoji-factory.ts';

let folder: string;
let dataset: Dataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emoji-full-'));
  dataset = await createEmojiFactory().prepare({ subset: 'full' }, { cacheFolder: folder });
}, 280_000);
afterAll(() => rm(folder, { recursive: true }));

const ids = () =>
  [dataset.train, ...dataset.heldOut].flatMap((split) =>
    Array.from({ length: split.length }, (_, index) => split.item(index, { uniform: () => 0 } as RandomSource).id),
  );

describe('the full data set', () => {
  it('has the documented number of pictures in each split, every picture in one split', () => {
    expect([dataset.train, ...dataset.heldOut].map(({ name, length }) => [name, length])).toEqual([
      ['train', 11445],
      ['colour-shape', 12],
      ['clock', 5],
      ['tone', 658],
      ['role-gender', 286],
      ['facing-right', 90],
      ['style', 144],
      ['novel', 142],
    ]);
    expect(new Set(ids()).size).toBe(12_782);
  });

  it('keeps one of exact twins', () => {
    const kept = new Set(ids());
    expect(kept.has('noto/astronaut')).toBe(true);
    expect(kept.has('noto/man astronaut')).toBe(false);
    expect(kept.has('twemoji/man astronaut')).toBe(true);
  });

  it('is read from the cache in well under a second', async () => {
    const start = performance.now();
    await createEmojiFactory().prepare({ subset: 'full' }, { cacheFolder: folder });
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
