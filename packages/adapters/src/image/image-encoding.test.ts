// Animations there and back, and those of others: frames that cover a part of the canvas only.
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { RasterImage } from './raster-image.ts';

const plain = (width: number, height: number, colour: readonly number[]) =>
  RasterImage.from({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!) });

/** A white picture with one dark column. */
const bar = (column: number) =>
  RasterImage.from({
    width: 12,
    height: 5,
    data: Uint8Array.from({ length: 12 * 5 * 3 }, (_, i) => (Math.floor(i / 3) % 12 === column ? 20 : 255)),
  });

describe('RasterImage.animate and readFrames', () => {
  it.each(['webp', 'gif'] as const)('give back frames, delays and loops: %s', async (format) => {
    const frames = [0, 3, 7, 11].map(bar);
    for (const loop of [0, 1, 5]) {
      const file = await RasterImage.animate(frames, { delays: [40, 100, 250, 60], loop, format });
      expect((await sharp(file).metadata()).format).toBe(format);
      const again = await RasterImage.readFrames(file);
      expect(again).toEqual({ frames, delays: [40, 100, 250, 60], loop });
    }
  });

  it('are WebP without end where nothing else is said', async () => {
    const file = await RasterImage.animate([bar(1), bar(2)], { delays: [33, 34] });
    expect((await sharp(file).metadata()).format).toBe('webp');
    expect(await RasterImage.readFrames(file)).toEqual({ frames: [bar(1), bar(2)], delays: [33, 34], loop: 0 });
  });

  it('keep every colour in WebP', async () => {
    const gradient = (shift: number) =>
      RasterImage.from({
        width: 32,
        height: 32,
        data: Uint8Array.from({ length: 3072 }, (_, i) => (i * 7 + shift) % 256),
      });
    const frames = [gradient(0), gradient(100)];
    const file = await RasterImage.animate(frames, { delays: [40, 40] });
    expect((await RasterImage.readFrames(file)).frames).toEqual(frames);
  });

  it('keep equal frames in GIF and join them in WebP', async () => {
    const frames = [bar(1), bar(1), bar(2)];
    const options = { delays: [40, 50, 60] };
    const gif = await RasterImage.readFrames(await RasterImage.animate(frames, { ...options, format: 'gif' }));
    expect([gif.frames.length, gif.delays]).toEqual([3, [40, 50, 60]]);
    const webp = await RasterImage.readFrames(await RasterImage.animate(frames, options));
    expect(webp).toEqual({ frames: [bar(1), bar(2)], delays: [90, 60], loop: 0 });
  });

  it('round the delays of a GIF to 10 ms', async () => {
    const gif = await RasterImage.animate([bar(1), bar(2)], { delays: [33, 48], format: 'gif' });
    expect((await RasterImage.readFrames(gif)).delays).toEqual([30, 50]);
  });

  it.each<[string, Parameters<typeof RasterImage.animate>, RegExp]>([
    ['no frames', [[], { delays: [] }], /no frames/],
    ['frames of two sizes', [[bar(1), plain(5, 12, [0, 0, 0])], { delays: [40, 40] }], /frame 1 of 5 x 12/],
    ['a delay too few', [[bar(1), bar(2)], { delays: [40] }], /1 delays, expected 2/],
    ['a negative delay', [[bar(1)], { delays: [-1] }], /a delay of -1/],
    ['half a millisecond', [[bar(1)], { delays: [0.5] }], /a delay of 0.5/],
    ['a loop that is no number of times', [[bar(1)], { delays: [40], loop: -1 }], /loop -1/],
    ['a format that has no frames', [[bar(1)], { delays: [40], format: 'png' as 'gif' }], /the format png/],
    ['frames too wide for WebP', [[plain(16_384, 1, [0, 0, 0])], { delays: [40] }], /frames that webp can hold/],
  ])('refuse %s', async (_, [frames, options], sentence) => {
    const animated = (async () => RasterImage.animate(frames, options))();
    await expect(animated).rejects.toMatchObject({
      code: 'image.unwritable',
      message: expect.stringMatching(sentence),
    });
  });
});

describe('RasterImage.readFrames', () => {
  it('gives the one picture of any other file, played once', async () => {
    const picture = bar(4);
    const tiff = await sharp([await picture.toPng(), await bar(5).toPng()], { join: { animated: true } })
      .tiff({ compression: 'lzw' })
      .toBuffer();
    for (const file of [await picture.toPng(), tiff]) {
      expect(await RasterImage.readFrames(file)).toEqual({ frames: [picture], delays: [0], loop: 1 });
    }
  });

  it('lays every frame over the background', async () => {
    const [clear, half] = [0, 255].map((alpha) =>
      sharp(
        Uint8Array.from({ length: 4 * 4 * 4 }, (_, i) => (i % 4 < 3 ? 200 : alpha)),
        { raw: { width: 4, height: 4, channels: 4 } },
      )
        .png()
        .toBuffer(),
    );
    const pictures = await Promise.all([clear!, half!]);
    for (const format of ['gif', 'webp'] as const) {
      const file = await sharp(pictures, { join: { animated: true } })
        .toFormat(format, { lossless: true, delay: [70, 80] })
        .toBuffer();
      const { frames, delays } = await RasterImage.readFrames(file, { background: '#0000ff' });
      expect(frames, format).toEqual([plain(4, 4, [0, 0, 255]), plain(4, 4, [200, 200, 200])]);
      expect(delays).toEqual([70, 80]);
    }
  });

  it('composes frames that cover a part of the canvas, and clears or restores it as they say', async () => {
    const [red, green, blue] = [0, 1, 2];
    const canvas = { width: 3, height: 1, palette: [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0] };
    const gif = gifOf(canvas, [
      { left: 0, colours: [red, red, red], disposal: 1, delay: 5 }, // stays
      { left: 1, colours: [green], disposal: 3, delay: 6 }, // goes, and what was there comes back
      { left: 2, colours: [blue], disposal: 2, delay: 7 }, // goes, and leaves a hole
      { left: 0, colours: [green], disposal: 1, delay: 8 },
    ]);
    const { frames, delays, loop } = await RasterImage.readFrames(gif, { background: '#ffffff' });
    const [r, g, b, white] = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
      [255, 255, 255],
    ];
    expect(frames.map(({ data }) => [...data])).toEqual(
      [
        [r, r, r],
        [r, g, r],
        [r, r, b],
        [g, r, white],
      ].map((pixels) => pixels.flat()),
    );
    expect([delays, loop]).toEqual([[50, 60, 70, 80], 1]);
  });

  it('turns frames as the orientation asks', async () => {
    const file = await sharp([await bar(0).toPng(), await bar(11).toPng()], { join: { animated: true } })
      .withMetadata({ orientation: 3 })
      .webp({ lossless: true })
      .toBuffer();
    expect((await sharp(file).metadata()).orientation).toBe(3);
    const { frames } = await RasterImage.readFrames(file);
    expect(frames).toEqual([bar(11), bar(0)]); // half a turn
    expect(frames[0]).toEqual(await RasterImage.read(file));
  });

  it('says what is wrong as read does', async () => {
    await expect(RasterImage.readFrames('nowhere.gif')).rejects.toMatchObject({ code: 'image.not-found' });
    const gif = await RasterImage.animate([0, 4, 8].map(bar), { delays: [40, 40, 40], format: 'gif' });
    await expect(RasterImage.readFrames(gif, { background: 'blue' })).rejects.toMatchObject({ code: 'config.invalid' });
  });
});

describe('an animation that ends in the middle', () => {
  const frames = [1, 2, 3].map((step) =>
    RasterImage.from({ width: 9, height: 9, data: Uint8Array.from({ length: 243 }, (_, i) => (i * i * step) % 256) }),
  );

  it.each(['webp', 'gif'] as const)('is refused wherever it ends: %s', async (format) => {
    const whole = await RasterImage.animate(frames, { delays: [40, 40, 40], format });
    const complete = new Set<number>();
    for (let length = 0; length < whole.length; length++) {
      for (const read of [RasterImage.read, RasterImage.readFrames]) {
        const code = await read(whole.subarray(0, length)).then(
          () => 'read',
          (error: { code: string }) => error.code,
        );
        if (code === 'read') complete.add(length);
        else expect(code).toBe('image.undecodable');
      }
    }
    // A GIF may end between two blocks, nothing in it says that there was to be another: here after each of the three
    // frames, and after the block with the delay of the second and of the third.
    expect(complete.size).toBe(format === 'gif' ? 5 : 0);
  });

  it('is a GIF without its trailer not yet, nor one with something behind it', async () => {
    const whole = await RasterImage.animate(frames, { delays: [40, 40, 40], format: 'gif' });
    expect(whole.at(-1)).toBe(0x3b);
    const known = await RasterImage.readFrames(whole);
    expect(await RasterImage.readFrames(whole.subarray(0, -1))).toEqual(known);
    expect(await RasterImage.readFrames(Uint8Array.of(...whole, 1, 2, 3))).toEqual(known);
  });
});

interface GifFrame {
  readonly left: number;
  /** One row of indices into the palette. */
  readonly colours: readonly number[];
  /** 1: stay, 2: clear to nothing, 3: restore what was there before. */
  readonly disposal: number;
  /** In hundredths of a second. */
  readonly delay: number;
}

/** A GIF of one row with four colours (GIF89a, 1990): codes of 4 bits, never compressed. */
function gifOf(
  canvas: { readonly width: number; readonly height: number; readonly palette: readonly number[] },
  frames: readonly GifFrame[],
): Uint8Array {
  const short = (value: number) => [value & 255, value >> 8];
  const { width, height, palette } = canvas;
  const bytes = [...Buffer.from('GIF89a', 'latin1'), ...short(width), ...short(height), 0x91, 0, 0, ...palette];
  for (const { left, colours, disposal, delay } of frames) {
    // 8 clears the table before every colour, so that codes stay 4 bits wide; 9 ends the picture.
    const codes = [...colours.flatMap((colour) => [8, colour]), 9];
    const packed = codes.flatMap((code, i) => (i % 2 === 0 ? [code | ((codes[i + 1] ?? 0) << 4)] : []));
    bytes.push(0x21, 0xf9, 4, (disposal << 2) | 1, ...short(delay), 3, 0); // colour 3 is none
    bytes.push(0x2c, ...short(left), 0, 0, ...short(colours.length), 1, 0, 0, 3, packed.length, ...packed, 0);
  }
  return Uint8Array.from([...bytes, 0x3b]);
}
