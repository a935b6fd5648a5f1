// Every way into a frame, with pixels that are known beforehand.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageFits, imagePositions } from './image-fit.ts';
import { RasterImage } from './raster-image.ts';

const [red, green, blue, white] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
] as const;

const drawn = (width: number, height: number, colour: (x: number, y: number) => readonly number[]) =>
  RasterImage.from({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const at = Math.floor(i / 3);
      return colour(at % width, Math.floor(at / width))[i % 3]!;
    }),
  });
/** Three thirds, left to right or top to bottom. */
const thirds = (side: 'wide' | 'tall') => {
  const colours = [red, green, blue];
  return side === 'wide'
    ? drawn(90, 30, (x) => colours[Math.floor(x / 30)]!)
    : drawn(30, 90, (_, y) => colours[Math.floor(y / 30)]!);
};

const pixel = (image: RasterImage, x: number, y: number) => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

describe('cover', () => {
  it.each([
    ['centre', green, green],
    ['left', red, green],
    ['right', blue, green],
    ['top', green, red],
    ['bottom', green, blue],
  ] as const)('keeps the %s', async (position, ofWide, ofTall) => {
    const size = { width: 10, height: 10 };
    const wide = await thirds('wide').resize(size, { position });
    const tall = await thirds('tall').resize(size, { position });
    expect([wide.width, wide.height, pixel(wide, 5, 5)]).toEqual([10, 10, ofWide]);
    expect(pixel(tall, 5, 5)).toEqual(ofTall);
  });

  it('keeps what draws attention, or where there is most to see', async () => {
    for (const place of [10, 100]) {
      const spot = drawn(120, 24, (x, y) => (Math.hypot(x - place, y - 12) < 8 ? [250, 40, 40] : [120, 124, 122]));
      const kept = await spot.resize({ width: 24, height: 24 }, { position: 'attention' });
      expect(kept.data.filter((value, i) => i % 3 === 0 && value > 200).length, `red at ${place}`).toBeGreaterThan(150);
      const busy = drawn(120, 24, (x, y) => (Math.abs(x - place) < 10 ? [(x * 91 + y * 57) % 256, 0, 0] : [120, 0, 0]));
      const lively = await busy.resize({ width: 24, height: 24 }, { position: 'entropy' });
      const values = new Set(lively.data.filter((_, i) => i % 3 === 0));
      expect(values.size, `noise at ${place}`).toBeGreaterThan(50);
    }
  });
});

describe('contain', () => {
  it('shows all of the picture, with bars of the background', async () => {
    const wide = await thirds('wide').resize({ width: 30, height: 30 }, { fit: 'contain', background: '#102030' });
    const middle = [4, 15, 25].map((x) => pixel(wide, x, 15));
    expect(middle).toEqual([red, green, blue]);
    for (const y of [0, 8, 21, 29]) expect(pixel(wide, 15, y)).toEqual([16, 32, 48]);
    const tall = await thirds('tall').resize({ width: 30, height: 30 }, { fit: 'contain' });
    expect([pixel(tall, 2, 15), pixel(tall, 27, 15), pixel(tall, 15, 15)]).toEqual([white, white, green]);
  });
});

describe('stretch', () => {
  it('fills the frame with all of the picture', async () => {
    const square = await thirds('wide').resize({ width: 30, height: 60 }, { fit: 'stretch', position: 'right' });
    expect([square.width, square.height]).toEqual([30, 60]);
    for (const y of [0, 59]) expect([4, 15, 25].map((x) => pixel(square, x, y))).toEqual([red, green, blue]);
  });
});

describe('every fit', () => {
  it('is an option with a default, and cover around the centre is that', async () => {
    const [size, picture] = [{ width: 17, height: 11 }, thirds('wide')];
    const options = { fit: 'cover', position: 'centre', background: '#ffffff' } as const;
    expect(await picture.resize(size)).toEqual(await picture.resize(size, options));
  });

  it('leaves a picture of the very size as it is', async () => {
    const picture = thirds('wide');
    for (const fit of imageFits) {
      for (const position of imagePositions) {
        expect(await picture.resize({ width: 90, height: 30 }, { fit, position })).toBe(picture);
      }
    }
  });

  it('gives the size asked for, whatever the picture', async () => {
    const side = fc.integer({ min: 1, max: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(side, side, side, side),
        fc.constantFrom(...imageFits),
        fc.constantFrom(...imagePositions),
        async ([w, h, width, height], fit, position) => {
          const picture = drawn(w, h, (x, y) => [x * 4, y * 4, 128]);
          const { data, ...size } = await picture.resize({ width, height }, { fit, position });
          expect(size).toEqual({ width, height });
          expect(data).toHaveLength(width * height * 3);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['a fit there is not', { fit: 'covers' as 'cover' }, 'fit', /Did you mean cover\?/],
    ['a position there is not', { position: 'north' as 'top' }, 'position', /one of centre, top, bottom/],
    ['a background that is no colour', { background: 'red' }, 'background', /#rrggbb/],
  ])('refuses %s', async (_, options, place, sentence) => {
    const refused = thirds('wide').resize({ width: 90, height: 30 }, options); // even where nothing is to be done
    await expect(refused).rejects.toMatchObject({
      code: 'config.invalid',
      place,
      message: expect.stringMatching(sentence) as unknown,
    });
  });
});
