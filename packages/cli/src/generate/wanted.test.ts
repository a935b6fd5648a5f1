import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { savePicture } from './picture.ts';
import { readWants } from './wanted.ts';

let folder: string;
let from: string;
let mask: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-wanted-'));
  [from, mask] = [join(folder, 'from.png'), join(folder, 'mask.png')];
  await savePicture({ width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 0, 0, 255) }, from);
  await savePicture({ width: 2, height: 1, data: Uint8Array.of(255, 255, 255, 0, 0, 0) }, mask);
});
afterAll(() => rm(folder, { recursive: true }));

describe('what is wanted', () => {
  it('is nothing, or modalities in order', async () => {
    expect(await readWants({})).toEqual([]);
    expect(await readWants({ want: ['text', 'image'] })).toEqual([{ want: 'text' }, { want: 'image' }]);
  });

  it('is an image where a picture to begin from is given', async () => {
    const [want] = await readWants({ from, strength: 0.4 });
    expect(want).toMatchObject({ want: 'image', strength: 0.4, from: { width: 2, height: 1 } });
  });

  it('is anew where the mask is white', async () => {
    const [want] = await readWants({ from, mask });
    expect(want!.mask).toEqual({ data: Float32Array.of(1, 0), shape: [1, 2] });
  });

  it.each([
    [{ strength: 0.5 }, '--strength'],
    [{ mask: 'm.png' }, '--mask'],
    [{ from: 'f.png', want: ['text'] }, '--from'],
    [{ from: 'f.png', want: ['image', 'image'] }, '--from'],
  ])('is refused as %j', async (options, place) => {
    await expect(readWants(options)).rejects.toMatchObject({ code: 'generation.invalid-option', place });
  });
});
