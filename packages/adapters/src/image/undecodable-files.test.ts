// Files that must be refused: cut off, empty, no picture, or unpacking to more than the memory should hold.
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { RasterImage } from './raster-image.ts';

describe('files that cannot be read', () => {
  const noise = sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 40 },
    },
  });

  it.each(['png', 'jpeg', 'webp', 'avif', 'gif', 'tiff'] as const)('a %s that ends in the middle', async (format) => {
    const whole = await noise.clone().toFormat(format).toBuffer();
    await expect(RasterImage.read(whole)).resolves.toMatchObject({ width: 64 });
    for (const part of [0.5, 0.1]) {
      await expect(RasterImage.read(whole.subarray(0, Math.floor(whole.length * part)))).rejects.toMatchObject({
        code: 'image.undecodable',
        place: `image of ${Math.floor(whole.length * part)} bytes`,
      });
    }
  });

  it('an empty file, words, and a signature with nothing behind it', async () => {
    const signature = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('not a picture'), signature]) {
      await expect(RasterImage.read(bytes)).rejects.toMatchObject({ code: 'image.undecodable' });
      await expect(RasterImage.readFrames(bytes)).rejects.toMatchObject({ code: 'image.undecodable' });
    }
  });

  it('a small file that would unpack to a huge picture', async () => {
    const bomb = pngOf(100_000, 100_000);
    expect(bomb.length).toBeLessThan(200);
    for (const read of [() => RasterImage.read(bomb), () => RasterImage.readFrames(bomb)]) {
      await expect(read()).rejects.toMatchObject({
        code: 'image.undecodable',
        found: 'more than 268402689 pixels',
      });
    }
  });

  it('a picture of more pixels than the bound that was asked for', async () => {
    const file = await RasterImage.from({ width: 10, height: 10, data: new Uint8Array(300) }).toPng();
    await expect(RasterImage.read(file, { maximumPixels: 100 })).resolves.toMatchObject({ width: 10 });
    await expect(RasterImage.read(file, { maximumPixels: 99 })).rejects.toMatchObject({
      code: 'image.undecodable',
      found: 'more than 99 pixels',
    });
    for (const maximumPixels of [0, -1, 1.5, Number.NaN]) {
      await expect(RasterImage.read(file, { maximumPixels })).rejects.toMatchObject({
        code: 'config.invalid',
        place: 'maximumPixels',
      });
    }
  });

  it('an animation of more pixels than that, all frames counted', async () => {
    const frame = RasterImage.from({ width: 10, height: 10, data: new Uint8Array(300) });
    const other = RasterImage.from({ width: 10, height: 10, data: new Uint8Array(300).fill(9) });
    const gif = await RasterImage.animate([frame, other, frame], { delays: [50, 50, 50], format: 'gif' });
    expect((await RasterImage.readFrames(gif, { maximumPixels: 300 })).frames).toHaveLength(3);
    await expect(RasterImage.readFrames(gif, { maximumPixels: 299 })).rejects.toMatchObject({
      code: 'image.undecodable',
      found: 'more than 299 pixels',
    });
  });
});

/** A PNG file that says it is of this size, with next to nothing in it. */
function pngOf(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8); // 8 bits, red, green and blue
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(64))), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10), ...parts]);
}
