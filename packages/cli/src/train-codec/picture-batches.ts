// The pictures of a data set as a codec is trained on them: every epoch in another order that the seed decides, each
// brought to the codec's size, without their captions.
import { encodePixels, RasterImage } from '@transfuse/adapters/image';
import { createRandom } from '@transfuse/core';
import { type DatasetSplit, type RawImage, TransfuseError } from '@transfuse/core/contracts';

/** The picture of an item, `size` pixels wide and high. Throws `dataset.unavailable` where the item has none. */
export async function pictureAt(split: DatasetSplit, index: number, size: number): Promise<RawImage> {
  const item = split.item(index, createRandom(`picture/${index}`));
  const value = item.segments.find(({ modality }) => modality === 'image')?.value;
  if (value === undefined) throw withoutPicture(split, item.id);
  const image =
    typeof value === 'string' || value instanceof Uint8Array
      ? await RasterImage.read(value)
      : RasterImage.from(value as RawImage);
  return image.width === size && image.height === size ? image : image.resize({ width: size, height: size });
}

/** An endless source of batches. */
export interface PictureBatches {
  /** The next pictures, `[batch, size, size, 3]` in [-1, 1]. */
  next(): Promise<Float32Array>;
}

/** Batches of `batch` pictures; an epoch that does not divide flows over into the next. */
export function createPictureBatches(
  split: DatasetSplit,
  { size, batch, seed }: { readonly size: number; readonly batch: number; readonly seed: number },
): PictureBatches {
  let epoch = -1;
  let order: number[] = [];
  const nextIndex = (): number => {
    if (order.length === 0) order = shuffled(split.length, `${seed}/epoch/${++epoch}`);
    return order.pop()!;
  };
  return {
    async next() {
      const pixels = new Float32Array(batch * size * size * 3);
      const pictures = await Promise.all(Array.from({ length: batch }, () => pictureAt(split, nextIndex(), size)));
      pictures.forEach((picture, index) => pixels.set(encodePixels(picture).data, index * size * size * 3));
      return pixels;
    },
  };
}

function shuffled(length: number, seed: string): number[] {
  const random = createRandom(seed);
  const order = Array.from({ length }, (_, index) => index);
  for (let index = length - 1; index > 0; index--) {
    const other = random.integer(index + 1);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}

function withoutPicture(split: DatasetSplit, id: string): TransfuseError {
  return new TransfuseError({
    code: 'dataset.unavailable',
    place: `split ${split.name}, item ${id}`,
    found: 'no image segment',
    expected: 'a picture in every item',
    mend: 'Choose a data set of pictures.',
  });
}
