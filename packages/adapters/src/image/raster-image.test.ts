import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RasterImage } from './raster-image.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raster-image-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A picture of one colour, `width * height` times the given channels. */
const plain = (width: number, height: number, channels: readonly number[]) =>
  sharp(
    Uint8Array.from({ length: width * height * channels.length }, (_, i) => channels[i % channels.length]!),
    {
      raw: { width, height, channels: channels.length as 1 | 2 | 3 | 4 },
    },
  );

const pixel = (image: RasterImage, x: number, y: number) => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

/** Left half red, right half blue. */
const halves = (width: number, height: number) =>
  RasterImage.from({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const left = Math.floor(i / 3) % width < width / 2;
      return (left ? [255, 0, 0] : [0, 0, 255])[i % 3]!;
    }),
  });

describe('RasterImage.read', () => {
  it('reads from a path and from bytes alike', async () => {
    const png = await plain(3, 2, [10, 20, 30]).png().toBuffer();
    await writeFile(join(folder, 'plain.png'), png);
    const fromPath = await RasterImage.read(join(folder, 'plain.png'));
    const fromBytes = await RasterImage.read(new Uint8Array(png));
    expect(fromPath).toEqual(fromBytes);
    expect([fromPath.width, fromPath.height, ...pixel(fromPath, 2, 1)]).toEqual([3, 2, 10, 20, 30]);
  });

  it('lays transparent pixels over white, or over the background asked for', async () => {
    const half = await plain(2, 2, [255, 0, 0, 128]).png().toBuffer();
    // 255 * 128/255 + 255 * 127/255 = 255 in red, 0 + 127 in green and blue
    expect(pixel(await RasterImage.read(half), 0, 0)).toEqual([255, 127, 127]);
    expect(pixel(await RasterImage.read(half, { background: '#000000' }), 0, 0)).toEqual([128, 0, 0]);
  });

  it.each([
    ['grey', [77], [77, 77, 77]],
    ['grey with alpha', [77, 0], [255, 255, 255]],
    ['red, green, blue', [1, 2, 3], [1, 2, 3]],
    ['red, green, blue, alpha', [1, 2, 3, 255], [1, 2, 3]],
  ])('always gives three channels: %s', async (_, channels, expected) => {
    const image = await RasterImage.read(await plain(4, 3, channels).png().toBuffer());
    expect(image.data).toHaveLength(4 * 3 * 3);
    expect(pixel(image, 3, 2)).toEqual(expected);
  });

  it('converts the inks of a CMYK picture to red, green and blue', async () => {
    const print = await plain(8, 8, [255, 0, 0]).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(print).metadata()).channels).toBe(4);
    const [red, green, blue] = pixel(await RasterImage.read(print), 4, 4);
    expect(red).toBeGreaterThan(200);
    expect(Math.max(green!, blue!)).toBeLessThan(70);
  });

  it('says that a file does not exist, and names it', async () => {
    await expect(RasterImage.read(join(folder, 'nowhere.png'))).rejects.toMatchObject({
      code: 'image.not-found',
      place: join(folder, 'nowhere.png'),
    });
  });

  it('says that something is not a picture, or a damaged one', async () => {
    const noise = await sharp({
      create: {
        width: 64,
        height: 64,
        channels: 3,
        background: '#000',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .png()
      .toBuffer();
    await writeFile(join(folder, 'words.png'), 'not a picture');
    await expect(RasterImage.read(join(folder, 'words.png'))).rejects.toMatchObject({ code: 'image.undecodable' });
    await expect(RasterImage.read(noise.subarray(0, 2000))).rejects.toMatchObject({ code: 'image.undecodable' });
    await expect(RasterImage.read(new Uint8Array(0))).rejects.toMatchObject({ code: 'image.undecodable' });
    await expect(RasterImage.read(folder)).rejects.toMatchObject({ code: 'image.undecodable', place: folder });
  });

  it('refuses a background that is not #rrggbb', async () => {
    await expect(RasterImage.read(new Uint8Array(0), { background: 'white' })).rejects.toMatchObject({
      code: 'config.invalid',
      found: '"white"',
    });
  });
});

describe('RasterImage.from', () => {
  it('refuses bytes that do not fit the size', () => {
    const data = new Uint8Array(2 * 2 * 4);
    expect(() => RasterImage.from({ width: 2, height: 2, data })).toThrow(/16 bytes for 2 x 2 pixels/);
    expect(() => RasterImage.from({ width: 0, height: 2, data: new Uint8Array(0) })).toThrow(
      /expected a positive width/,
    );
    expect(() => RasterImage.from({ width: -1, height: -1, data: new Uint8Array(3) })).toThrow(
      /expected a positive width/,
    );
  });
});

describe('RasterImage.resize', () => {
  it('covers the new frame and cuts to its centre', async () => {
    const wide = halves(40, 10); // scaled to 20 x 5, of which the middle 4 columns remain: two red, two blue
    const cut = await wide.resize({ width: 4, height: 5 });
    expect([cut.width, cut.height, cut.data.length]).toEqual([4, 5, 60]);
    expect(pixel(cut, 0, 2)[0]).toBeGreaterThan(230);
    expect(pixel(cut, 3, 2)[2]).toBeGreaterThan(230);
  });

  it('keeps a plain colour at any size', async () => {
    const side = fc.integer({ min: 1, max: 40 });
    const byte = fc.integer({ min: 0, max: 255 });
    await fc.assert(
      fc.asyncProperty(side, side, side, side, fc.tuple(byte, byte, byte), async (w, h, width, height, colour) => {
        const data = Uint8Array.from({ length: w * h * 3 }, (_, i) => colour[i % 3]!);
        const resized = await RasterImage.from({ width: w, height: h, data }).resize({ width, height });
        expect(resized.data).toHaveLength(width * height * 3);
        for (const [i, value] of resized.data.entries())
          expect(Math.abs(value - colour[i % 3]!)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 30 },
    );
  });

  it.each([0, -3, 2.5, Number.NaN])('refuses a side of %s', async (width) => {
    await expect(halves(2, 2).resize({ width, height: 2 })).rejects.toMatchObject({ code: 'image.unsupported-size' });
  });
});

describe('RasterImage.save and toPng', () => {
  it('gives back the same pixels after a round trip through PNG', async () => {
    const picture = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
      .chain(([width, height]) =>
        fc
          .uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 })
          .map((data) => ({ width, height, data })),
      );
    await fc.assert(
      fc.asyncProperty(picture, async (raw) => {
        const again = await RasterImage.read(await RasterImage.from(raw).toPng());
        expect({ ...again }).toEqual(raw);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ['png', 'png', 0],
    ['webp', 'webp', 0],
    ['tiff', 'tiff', 0],
    ['tif', 'tiff', 0],
    ['gif', 'gif', 4],
    ['jpg', 'jpeg', 8],
    ['JPEG', 'jpeg', 8],
    ['avif', 'heif', 12],
  ])('writes .%s files of format %s', async (extension, format, tolerance) => {
    const path = join(folder, `saved.${extension}`);
    const image = await halves(16, 16).resize({ width: 16, height: 8 });
    await image.save(path);
    expect((await sharp(await readFile(path)).metadata()).format).toBe(format);
    const again = await RasterImage.read(path);
    expect([again.width, again.height]).toEqual([16, 8]);
    for (const x of [2, 13]) {
      for (const [c, value] of pixel(again, x, 4).entries()) {
        expect(Math.abs(value - pixel(image, x, 4)[c]!)).toBeLessThanOrEqual(tolerance);
      }
    }
  });

  it('names the formats when it does not know the extension', async () => {
    await expect(halves(2, 2).save(join(folder, 'a.xyz'))).rejects.toThrow(/extension \.xyz, expected one of \.png/);
    await expect(halves(2, 2).save(join(folder, 'a'))).rejects.toMatchObject({ code: 'image.unwritable' });
  });

  it('says when the folder does not exist', async () => {
    await expect(halves(2, 2).save(join(folder, 'no', 'a.png'))).rejects.toMatchObject({ code: 'image.unwritable' });
  });
});
