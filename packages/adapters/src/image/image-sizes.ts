/*
 * The sizes a model knows: one, or several of different proportions (aspect-ratio buckets, as in NovelAI's improvements
 * on Stable Diffusion, 2022, and Podell et al. 2023, section 2.3). A picture goes where least of its proportions is lost.
 */
import { TransfuseError } from '@transfuse/core/contracts';

/** A width and a height in pixels. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** Sizes as a configuration writes them: the side of squares, a width and a height, or a list of such. */
export type ImageSizes = number | ImageSize | readonly (number | ImageSize)[];

/** Whether both sides are positive whole numbers. */
export function isImageSize({ width, height }: ImageSize): boolean {
  return Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
}

/** The sizes as a list, in their order. Throws `config.invalid` where there is none, one twice, or one is no size. */
export function imageSizeList(sizes: ImageSizes): readonly [ImageSize, ...ImageSize[]] {
  const list = (Array.isArray(sizes) ? (sizes as readonly (number | ImageSize)[]) : [sizes as number | ImageSize]).map(
    (size) => (typeof size === 'number' ? { width: size, height: size } : size),
  );
  for (const [index, size] of list.entries()) {
    const place = Array.isArray(sizes) ? `size[${index}]` : 'size';
    if (typeof size !== 'object' || size === null || !isImageSize(size)) {
      throw invalidSizes(
        place,
        JSON.stringify(size) ?? String(size),
        'a positive whole number, or { width, height } of such',
      );
    }
    const first = list.findIndex((other) => other.width === size.width && other.height === size.height);
    if (first < index) throw invalidSizes(place, `${writtenSize(size)}, as in size[${first}]`, 'each size once');
  }
  const [first, ...others] = list;
  if (first === undefined) throw invalidSizes('size', 'an empty list', 'at least one size');
  return [first, ...others];
}

/**
 * The size whose proportions are nearest to the picture's, by the logarithm of width over height. Among equally near
 * ones it is the largest that has no more pixels than the picture, so that nothing is made up; where all have more, the
 * smallest; and of those equal in that too the one listed first.
 */
export function nearestImageSize(sizes: readonly [ImageSize, ...ImageSize[]], picture: ImageSize): ImageSize {
  const area = ({ width, height }: ImageSize) => width * height;
  return sizes.reduce((best, size) => {
    const [known, next] = [stretchBetween(best, picture), stretchBetween(size, picture)];
    if (known !== next) return next < known ? size : best;
    const fits = area(size) <= area(picture);
    if (fits !== area(best) <= area(picture)) return fits ? size : best;
    return (fits ? area(size) > area(best) : area(size) < area(best)) ? size : best;
  });
}

/** How a size is written in sentences: `640 x 480`. */
export function writtenSize({ width, height }: ImageSize): string {
  return `${width} x ${height}`;
}

/**
 * The ratio of two proportions, the greater over the lesser: e to the distance of their logarithms. A quotient of whole
 * numbers, so that equal distances are equal numbers.
 */
function stretchBetween(one: ImageSize, other: ImageSize): number {
  const [a, b] = [one.width * other.height, one.height * other.width];
  return Math.max(a, b) / Math.min(a, b);
}

function invalidSizes(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place,
    found,
    expected,
    mend: 'Write, for example, size: 256, or size: [256, { width: 320, height: 192 }].',
  });
}
