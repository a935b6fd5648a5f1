import type { DatasetSplit, RawImage } from '@transfuse/core/contracts';
import { describe, expect, it } from 'vitest';
import { createPictureBatches, pictureAt } from './picture-batches.ts';

/** Pictures of one grey each: picture n is `10 n`. */
function greys(length: number, size: number): DatasetSplit {
  const picture = (grey: number): RawImage => ({
    width: size,
    height: size,
    data: new Uint8Array(size * size * 3).fill(grey),
  });
  return {
    name: 'greys',
    length,
    item: (index) => ({ id: `grey ${index}`, segments: [{ modality: 'image', value: picture(10 * index) }] }),
  };
}

const numbersOf = (pixels: Float32Array, size: number) =>
  Array.from({ length: pixels.length / (size * size * 3) }, (_, index) =>
    Math.round(((pixels[index * size * size * 3]! + 1) * 127.5) / 10),
  );

describe('batches of pictures', () => {
  it('go through all pictures in every epoch, each time in another order', async () => {
    const batches = createPictureBatches(greys(6, 2), { size: 2, batch: 4, seed: 1 });
    const drawn: number[] = [];
    for (let batch = 0; batch < 3; batch++) drawn.push(...numbersOf(await batches.next(), 2));
    const [first, second] = [drawn.slice(0, 6), drawn.slice(6)];
    expect(first.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(second.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(second).not.toEqual(first);
  });

  it('are decided by the seed', async () => {
    const first = async (seed: number) =>
      numbersOf(await createPictureBatches(greys(20, 1), { size: 1, batch: 20, seed }).next(), 1);
    expect(await first(3)).toEqual(await first(3));
    expect(await first(4)).not.toEqual(await first(3));
  });
});

describe('a picture of a data set', () => {
  it('is brought to the size of the codec', async () => {
    expect(await pictureAt(greys(3, 8), 2, 4)).toMatchObject({
      width: 4,
      height: 4,
      data: new Uint8Array(48).fill(20),
    });
  });

  it('must be there', async () => {
    const silent: DatasetSplit = {
      ...greys(1, 1),
      item: () => ({ id: 'a', segments: [{ modality: 'text', value: '' }] }),
    };
    await expect(pictureAt(silent, 0, 4)).rejects.toMatchObject({ code: 'dataset.unavailable' });
  });
});
