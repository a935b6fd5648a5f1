// Real files of every format, made here, and what is read from them: known pixels.
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { RasterImage } from './raster-image.ts';

type Channels = 1 | 2 | 3 | 4;

/** A picture of one colour. */
const plain = (width: number, height: number, channels: readonly number[]) =>
  sharp(
    Uint8Array.from({ length: width * height * channels.length }, (_, i) => channels[i % channels.length]!),
    {
      raw: { width, height, channels: channels.length as Channels },
    },
  );

const pixel = (image: RasterImage, x: number, y: number) => [
  ...image.data.subarray((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];

const near = (found: readonly number[], wanted: readonly number[], tolerance: number) =>
  expect(
    Math.max(...found.map((value, i) => Math.abs(value - wanted[i]!))),
    `${found} for ${wanted}`,
  ).toBeLessThanOrEqual(tolerance);

const colours = { a: [230, 30, 30], b: [30, 200, 40], c: [40, 40, 220], d: [240, 240, 240] } as const;
/** Four quarters of 16 x 8 pixels, `ab` above `cd`. */
const quarters = (order: string) =>
  sharp(
    Uint8Array.from({ length: 32 * 16 * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % 32, Math.floor(i / 96)];
      const quarter = order[(y < 8 ? 0 : 2) + (x < 16 ? 0 : 1)] as keyof typeof colours;
      return colours[quarter][i % 3]!;
    }),
    { raw: { width: 32, height: 16, channels: 3 } },
  );

/** The quarters of a picture as letters, row by row. */
const quartersOf = (image: RasterImage) =>
  [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ]
    .map(([x, y]) => {
      const found = pixel(image, Math.floor(x! * image.width), Math.floor(y! * image.height));
      const [name] = Object.entries(colours).find(([, colour]) =>
        colour.every((value, i) => Math.abs(value - found[i]!) <= 25),
      ) ?? [`(${found})`];
      return name;
    })
    .join('');

describe('the formats that are read', () => {
  const photo = (change: (image: Sharp) => Sharp) => change(quarters('abcd')).toBuffer();
  it.each<[string, (image: Sharp) => Sharp]>([
    ['PNG, 8 bits', (image) => image.png()],
    ['PNG, 16 bits', (image) => image.toColourspace('rgb16').png()],
    ['PNG with a palette', (image) => image.png({ palette: true })],
    ['PNG, interlaced', (image) => image.png({ progressive: true })],
    ['PNG with alpha', (image) => image.ensureAlpha().png()],
    ['JPEG', (image) => image.jpeg({ quality: 95 })],
    ['JPEG, progressive', (image) => image.jpeg({ quality: 95, progressive: true })],
    ['WebP, lossy', (image) => image.webp({ quality: 95 })],
    ['WebP, without loss', (image) => image.webp({ lossless: true })],
    ['WebP with alpha', (image) => image.ensureAlpha().webp({ quality: 95 })],
    ['AVIF', (image) => image.avif({ quality: 90 })],
    ['GIF', (image) => image.gif()],
    ['TIFF', (image) => image.tiff({ compression: 'lzw' })],
    ['TIFF, 16 bits', (image) => image.toColourspace('rgb16').tiff({ compression: 'deflate' })],
  ])('%s', async (_, change) => {
    const image = await RasterImage.read(await photo(change));
    expect([image.width, image.height, image.data.length]).toEqual([32, 16, 32 * 16 * 3]);
    expect(quartersOf(image)).toBe('abcd');
  });

  it('SVG, its transparent ground on the background', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="4" height="4" fill="#c8321e"/></svg>';
    const image = await RasterImage.read(new TextEncoder().encode(svg), { background: '#102030' });
    expect([image.width, image.height, pixel(image, 1, 1), pixel(image, 6, 1)]).toEqual([
      8,
      4,
      [200, 50, 30],
      [16, 32, 48],
    ]);
  });

  it.each<[string, (grey: Sharp) => Sharp, number]>([
    ['PNG', (grey) => grey.png(), 0],
    ['PNG, 16 bits', (grey) => grey.toColourspace('grey16').png(), 0],
    ['JPEG', (grey) => grey.jpeg({ quality: 100 }), 1],
    ['TIFF', (grey) => grey.tiff(), 0],
  ])('one channel of grey: %s', async (_, change, tolerance) => {
    const file = await change(plain(8, 8, [77]).toColourspace('b-w')).toBuffer();
    expect((await sharp(file).metadata()).channels).toBe(1);
    near(pixel(await RasterImage.read(file), 4, 4), [77, 77, 77], tolerance);
  });

  it('of 16 bits the upper 8', async () => {
    const deep = Uint16Array.from([0x1234, 0xff00, 0x80ff]);
    const file = await sharp(deep, { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(file).metadata()).depth).toBe('ushort');
    expect(pixel(await RasterImage.read(file), 0, 0)).toEqual([0x12, 0xff, 0x80]);
  });

  it('of several pages or frames the first', async () => {
    const pages = await Promise.all(['abcd', 'dcba'].map((order) => quarters(order).png().toBuffer()));
    for (const format of ['gif', 'webp', 'tiff'] as const) {
      const file = await sharp(pages, { join: { animated: true } })
        .toFormat(format)
        .toBuffer();
      expect((await sharp(file).metadata()).pages, format).toBe(2);
      const image = await RasterImage.read(file);
      expect([image.width, image.height, quartersOf(image)], format).toEqual([32, 16, 'abcd']);
    }
  });
});

describe('the camera’s orientation', () => {
  // What of the stored quarters stands where once the picture is upright (Exif 2.32, tag 0x0112).
  it.each([
    [1, 'abcd'],
    [2, 'badc'],
    [3, 'dcba'],
    [4, 'cdab'],
    [5, 'acbd'],
    [6, 'cadb'],
    [7, 'dbca'],
    [8, 'bdac'],
  ])('%i', async (orientation, upright) => {
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const file = await quarters('abcd').withMetadata({ orientation }).toFormat(format, { quality: 95 }).toBuffer();
      expect((await sharp(file).metadata()).orientation, format).toBe(orientation);
      const image = await RasterImage.read(file);
      expect([image.width, image.height], format).toEqual(orientation < 5 ? [32, 16] : [16, 32]);
      expect(quartersOf(image), format).toBe(upright);
    }
  });
});

describe('transparency', () => {
  // The colour times alpha plus the background times the rest: (200, 100, 50) at 64/255 over (16, 32, 240).
  const over = [200, 100, 50].map((value, i) => (value * 64 + [16, 32, 240][i]! * 191) / 255);
  it.each<[string, (image: Sharp) => Sharp, number]>([
    ['PNG', (image) => image.png(), 1],
    ['PNG, 16 bits', (image) => image.toColourspace('rgb16').png(), 1],
    ['WebP without loss', (image) => image.webp({ lossless: true }), 1],
    ['WebP', (image) => image.webp({ quality: 100, alphaQuality: 100 }), 6],
    ['AVIF', (image) => image.avif({ quality: 90, chromaSubsampling: '4:4:4' }), 6],
    ['TIFF', (image) => image.tiff({ compression: 'none' }), 1],
  ])('is laid over the background: %s', async (_, change, tolerance) => {
    const file = await change(plain(16, 16, [200, 100, 50, 64])).toBuffer();
    expect((await sharp(file).metadata()).hasAlpha).toBe(true);
    near(pixel(await RasterImage.read(file, { background: '#1020f0' }), 8, 8), over, tolerance);
  });

  it('of a palette and of a GIF is whole or none', async () => {
    const dotted = sharp(
      Uint8Array.from({ length: 8 * 8 * 4 }, (_, i) => [200, 100, 50, Math.floor(i / 4) % 8 < 4 ? 255 : 0][i % 4]!),
      { raw: { width: 8, height: 8, channels: 4 } },
    );
    for (const file of [
      await dotted.clone().png({ palette: true }).toBuffer(),
      await dotted.clone().gif().toBuffer(),
    ]) {
      const image = await RasterImage.read(file, { background: '#00ff00' });
      near(pixel(image, 1, 1), [200, 100, 50], 4);
      expect(pixel(image, 6, 1)).toEqual([0, 255, 0]);
    }
  });

  it('of grey too', async () => {
    const file = await plain(4, 4, [100, 51]).png().toBuffer();
    near(pixel(await RasterImage.read(file, { background: '#ff0000' }), 1, 1), [224, 20, 20], 1); // a fifth of 100
  });
});

describe('colour profiles', () => {
  it('are converted to sRGB', async () => {
    const wide = await plain(16, 16, [220, 60, 40]).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect(Math.abs(stored[0]! - 220)).toBeGreaterThan(8); // the file has other numbers for the same colour
    near(pixel(await RasterImage.read(wide), 3, 3), [220, 60, 40], 2);
  });
});
