import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImageSize, imageSizeList, nearestImageSize } from './image-sizes.ts';

describe('imageSizeList', () => {
  it('takes the side of a square, a width and a height, or a list of such', () => {
    expect(imageSizeList(32)).toEqual([{ width: 32, height: 32 }]);
    expect(imageSizeList({ width: 48, height: 24 })).toEqual([{ width: 48, height: 24 }]);
    expect(imageSizeList([64, { width: 48, height: 24 }])).toEqual([
      { width: 64, height: 64 },
      { width: 48, height: 24 },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['an empty list', [], 'size'],
    ['no pixels', 0, 'size'],
    ['half a pixel', { width: 8, height: 8.5 }, 'size'],
    ['a size without a height', { width: 8 }, 'size'],
    ['words', 'large', 'size'],
    ['nothing', undefined, 'size'],
    ['nothing in a list', [8, null], 'size[1]'],
    ['a size twice', [8, { width: 9, height: 8 }, { width: 8, height: 8 }], 'size[2]'],
  ])('refuses %s', (_, sizes, place) => {
    expect(() => imageSizeList(sizes as number)).toThrow(expect.objectContaining({ code: 'config.invalid', place }));
  });
});

describe('nearestImageSize', () => {
  const size = (width: number, height: number): ImageSize => ({ width, height });

  it('goes by proportions, not by size', () => {
    const sizes = [size(64, 64), size(96, 48), size(48, 96)] as const;
    expect(nearestImageSize(sizes, size(4000, 3000))).toBe(sizes[0]); // log 4/3 from 1, log 3/2 from 2
    expect(nearestImageSize(sizes, size(1920, 1080))).toBe(sizes[1]); // 16/9 is nearer to 2 than to 1
    expect(nearestImageSize(sizes, size(9, 16))).toBe(sizes[2]);
    expect(nearestImageSize(sizes, size(1, 50))).toBe(sizes[2]);
  });

  it('takes among equal proportions the largest that the picture fills, or the smallest', () => {
    const sizes = [size(64, 64), size(16, 16), size(32, 32)] as const;
    expect(nearestImageSize(sizes, size(500, 500))).toBe(sizes[0]);
    expect(nearestImageSize(sizes, size(63, 63))).toBe(sizes[2]);
    expect(nearestImageSize(sizes, size(32, 32))).toBe(sizes[2]);
    expect(nearestImageSize(sizes, size(15, 15))).toBe(sizes[1]);
  });

  it('takes the one listed first where nothing tells two apart', () => {
    const [wide, tall] = [size(48, 32), size(32, 48)];
    expect(nearestImageSize([wide, tall], size(100, 100))).toBe(wide);
    expect(nearestImageSize([tall, wide], size(100, 100))).toBe(tall);
  });

  it('never leaves a nearer one out, and gives every size itself', () => {
    const side = fc.integer({ min: 1, max: 4096 });
    const any = fc.record({ width: side, height: side });
    const distance = (a: ImageSize, b: ImageSize) =>
      Math.abs(Math.log(a.width / a.height) - Math.log(b.width / b.height));
    fc.assert(
      fc.property(
        fc.uniqueArray(any, { minLength: 1, maxLength: 9, selector: (s) => `${s.width}x${s.height}` }),
        any,
        (list, picture) => {
          const sizes = imageSizeList(list);
          const chosen = nearestImageSize(sizes, picture);
          for (const other of sizes) {
            expect(distance(chosen, picture)).toBeLessThanOrEqual(distance(other, picture) + 1e-12);
            expect(nearestImageSize(sizes, other)).toEqual(other);
          }
        },
      ),
    );
  });
});
