import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, RandomSource, RawImage } from '@transfuse/core/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmojiFactory } from './emoji-factory.ts';

let folder: string;
let dataset: Dataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emoji-full-'));
  dataset = await createEmojiFactory().prepare({ subset: 'full' }, { cacheFolder: folder });
}, 280_000);
afterAll(() => rm(folder, { recursive: true }));

const items = () =>
  [dataset.train, ...dataset.heldOut].flatMap((split) =>
    Array.from({ length: split.length }, (_, index) => split.item(index, { uniform: () => 0 } as RandomSource)),
  );
const ids = () => items().map(({ id }) => id);

describe('the full data set', () => {
  it('has the documented number of pictures in each split, every picture in one split', () => {
    expect([dataset.train, ...dataset.heldOut].map(({ name, length }) => [name, length])).toEqual([
      ['train', 11444],
      ['colour-shape', 12],
      ['clock', 5],
      ['tone', 658],
      ['role-gender', 286],
      ['facing-right', 90],
      ['style', 144],
      ['novel', 142],
    ]);
    expect(new Set(ids()).size).toBe(12_781);
  });

  it('keeps one of exact twins', () => {
    const kept = new Set(ids());
    expect(kept.has('noto/astronaut')).toBe(true);
    expect(kept.has('noto/man astronaut')).toBe(false);
    expect(kept.has('twemoji/man astronaut')).toBe(true);
  });

  it('shows medium skin darker than medium-light, medium-dark darker still, of every person in every style', () => {
    const toned = /^(.+), (medium-light|medium|medium-dark) skin tone(.*)$/;
    const people = new Map<string, Record<string, number>>();
    for (const { id, segments } of items()) {
      const [, before, tone, after] = toned.exec(id) ?? [];
      if (tone === undefined) continue;
      const brightness = (segments[1]!.value as RawImage).data.reduce((sum, value) => sum + value, 0);
      people.set(`${before}${after}`, { ...people.get(`${before}${after}`), [tone]: brightness });
    }
    expect(people.size).toBeGreaterThan(1_200);
    const wrong = [...people].filter(
      ([, { 'medium-light': light, medium, 'medium-dark': dark }]) =>
        light! <= medium! || medium! <= dark! || light! <= dark!, // where a tone is missing, no comparison holds
    );
    expect(wrong.map(([person]) => person)).toEqual([]);
  });

  it('is read from the cache in well under a second', async () => {
    const start = performance.now();
    await createEmojiFactory().prepare({ subset: 'full' }, { cacheFolder: folder });
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
