import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetSplit, Segment } from '@transfuse/core/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { picture } from '../media/picture.ts';
import { knownCaptions, knownValues } from './known-values.ts';

const red = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0) };
const tone = { sampleRate: 8000, channels: [new Float32Array(8)] };

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-known-'));
  file = join(folder, 'red.png');
  await picture.save(red, file);
});
afterAll(() => rm(folder, { recursive: true }));

function splitOf(items: readonly (readonly Segment[])[]): DatasetSplit {
  return { name: 'train', length: items.length, item: (index) => ({ id: `item ${index}`, segments: items[index]! }) };
}

describe('known values', () => {
  it('are spread evenly over a split, with the texts beside them', async () => {
    const split = splitOf(
      Array.from({ length: 100 }, (_, index) => [
        { modality: 'text', value: `caption ${index}` },
        { modality: 'image', value: red },
      ]),
    );
    const known = await knownValues(split, { modality: 'image', count: 4 });
    expect(known.map(({ id }) => id)).toEqual(['item 0', 'item 25', 'item 50', 'item 75']);
    expect(known[1]).toEqual({ id: 'item 25', split: 'train', caption: 'caption 25', value: red });
    expect(await knownValues(splitOf([]), { modality: 'image', count: 4 })).toEqual([]);
  });

  it('are found among items of other modalities', async () => {
    const split = splitOf(
      Array.from({ length: 40 }, (_, index) => [
        { modality: 'text', value: String(index) },
        index % 4 === 3 ? { modality: 'audio', value: tone } : { modality: 'image', value: red },
      ]),
    );
    const known = await knownValues(split, { modality: 'audio', count: 2 });
    expect(known.map(({ caption, value }) => [caption, value])).toEqual([
      ['3', tone],
      ['23', tone],
    ]);
    expect(await knownValues(split, { modality: 'video', count: 2 })).toEqual([]);
  });

  it('are read from the files that items name, and what cannot be shown is left out', async () => {
    const split = splitOf([[{ modality: 'image', value: file }], [{ modality: 'image', value: 3 }]]);
    const known = await knownValues(split, { modality: 'image', count: 5 });
    expect(known).toHaveLength(1);
    expect(known[0]).toMatchObject({ id: 'item 0', caption: '', value: { width: 1, data: red.data } });
    expect(await knownValues(splitOf([[{ modality: 'points', value: 3 }]]), { modality: 'points', count: 1 })).toEqual(
      [],
    );
  });
});

it('known captions are each there once, and none is empty', () => {
  const split = splitOf(
    ['a', 'a', '', 'b'].map((value) => [
      { modality: 'text', value },
      { modality: 'image', value: red },
    ]),
  );
  expect(knownCaptions(split, { modality: 'image', count: 4 })).toEqual(['a', 'b']);
});
