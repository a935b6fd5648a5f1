import { describe, expect, it } from 'vitest';
import { linearPatchImage } from './patch-image.ts';
import { RasterImage } from './raster-image.ts';

const gradient = (width: number, height: number) =>
  RasterImage.from({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, index) => index % 256) });

describe('the linear-patch image adapter', () => {
  const adapter = linearPatchImage({ size: 16, patchSize: 4 });

  it('gives back the picture it encoded, to the byte', async () => {
    const picture = gradient(16, 16);
    const latent = await adapter.encode(picture);
    expect(latent.shape).toEqual(adapter.defaultLatentShape);
    expect(Math.min(...latent.data)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...latent.data)).toBeLessThanOrEqual(1);
    expect((await adapter.decode(latent)) as RasterImage).toEqual(picture);
  });

  it('brings other sizes to its own, from memory and from file bytes', async () => {
    for (const source of [gradient(40, 20), await gradient(40, 20).toPng()]) {
      expect((await adapter.encode(source)).shape).toEqual([16, 16, 3]);
    }
  });

  it('clamps what lies outside the range when it decodes', async () => {
    const data = new Float32Array(16 * 16 * 3).fill(3).fill(-3, 0, 3);
    const picture = (await adapter.decode({ data, shape: [16, 16, 3] })) as RasterImage;
    expect([...picture.data.subarray(0, 6)]).toEqual([0, 0, 0, 255, 255, 255]);
  });

  it('makes one token per patch', () => {
    expect(adapter.tokenGrid(adapter.defaultLatentShape)).toEqual([4, 4]);
  });

  it.each([7, null, undefined, {}])('refuses %j, which is no picture', async (value) => {
    await expect(adapter.encode(value)).rejects.toMatchObject({ code: 'image.undecodable' });
  });

  it('refuses a file that is not there, and bytes that are no image', async () => {
    await expect(adapter.encode('nowhere.png')).rejects.toMatchObject({ code: 'image.not-found' });
    await expect(adapter.encode(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'image.undecodable' });
  });

  it('refuses a size that patches do not fill', () => {
    expect(() => linearPatchImage({ size: 30, patchSize: 4 })).toThrow(
      expect.objectContaining({ code: 'image.unsupported-size' }),
    );
  });
});
