// The picture adapter at several sizes, none of them square but one, on pixels.
import { createHost } from '@transfuse/core';
import { checkContinuousAdapter } from '@transfuse/core/testing';
import { describe, expect, it } from 'vitest';
import { image } from './image-plugin.ts';
import { linearPatchImage, type LinearPatchImageConfig } from './patch-image.ts';
import { RasterImage } from './raster-image.ts';

const picture = (width: number, height: number) =>
  RasterImage.from({ width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 256) });

const settings: LinearPatchImageConfig = {
  size: [8, { width: 16, height: 8 }, { width: 4, height: 12 }],
  patchSize: 4,
};

describe('linear-patch at several sizes', () => {
  const adapter = linearPatchImage(settings);

  it('lists a latent shape for each size, the first by default', () => {
    expect(adapter.latentShapes).toEqual([
      [8, 8, 3],
      [8, 16, 3],
      [12, 4, 3],
    ]);
    expect(adapter.defaultLatentShape).toEqual([8, 8, 3]);
    expect(adapter.latentShapes?.map((shape) => adapter.tokenGrid(shape))).toEqual([
      [2, 2],
      [2, 4],
      [3, 1],
    ]);
  });

  it('lists nothing where there is one size, and still answers it', () => {
    const one = linearPatchImage({ ...settings, size: { width: 16, height: 8 } });
    expect([one.latentShapes, one.defaultLatentShape]).toEqual([undefined, [8, 16, 3]]);
    expect(one.latentShape!({ width: 16, height: 8 })).toEqual([8, 16, 3]);
  });

  it('has as many learned positions as the tallest and the widest size, or none', () => {
    const learned = adapter.parameters(16);
    expect([learned['rows.weight']?.shape, learned['columns.weight']?.shape]).toEqual([
      [3, 16],
      [4, 16],
    ]);
    const plain = Object.keys(linearPatchImage({ ...settings, positions: 'none' }).parameters(16));
    expect(plain).toEqual(Object.keys(learned).filter((name) => !/^(rows|columns)/.test(name)));
  });

  it('brings a picture to the size of the nearest proportions', async () => {
    const shape = async (width: number, height: number) => (await adapter.encode(picture(width, height))).shape;
    expect(await shape(100, 90)).toEqual([8, 8, 3]);
    expect(await shape(64, 30)).toEqual([8, 16, 3]);
    expect(await shape(10, 33)).toEqual([12, 4, 3]);
  });

  it.each([
    [8, 8],
    [16, 8],
    [4, 12],
  ])('gives back a picture of %i x %i, to the byte', async (width, height) => {
    const latent = await adapter.encode(picture(width, height));
    expect(latent.shape).toEqual(adapter.latentShape!({ width, height }));
    expect(await adapter.decode(latent)).toEqual(picture(width, height));
  });

  it('answers the sizes it has, and no others', () => {
    for (const size of [{ width: 8, height: 16 }, { width: 8 }, {}, { width: 8, height: 8, frames: 1 }]) {
      expect(() => adapter.latentShape!(size)).toThrow(
        expect.objectContaining({
          code: 'generation.invalid-option',
          expected: '{ width, height } of one of the sizes 8 x 8, 16 x 8, 4 x 12',
        }),
      );
    }
  });

  it.each<[string, Partial<LinearPatchImageConfig>, string, string]>([
    ['a size twice', { size: [8, { width: 8, height: 8 }] }, 'config.invalid', 'size[1]'],
    ['no sizes', { size: [] }, 'config.invalid', 'size'],
    ['a width that patches do not fill', { size: { width: 10, height: 8 } }, 'image.unsupported-size', 'size'],
    ['a fit there is not', { fit: 'fill' as 'cover' }, 'config.invalid', 'fit'],
  ])('refuses %s at once', (_, wrong, code, place) => {
    expect(() => linearPatchImage({ ...settings, ...wrong })).toThrow(expect.objectContaining({ code, place }));
  });
});

describe('the fit of an adapter', () => {
  const wide = RasterImage.from({ width: 6, height: 2, data: new Uint8Array(36).fill(0) });
  const latentOf = async (config: Partial<LinearPatchImageConfig>) => [
    ...(await linearPatchImage({ size: 6, patchSize: 2, ...config }).encode(wide)).data,
  ];

  it('is cover, and contain lays bars of the background', async () => {
    expect(new Set(await latentOf({}))).toEqual(new Set([-1]));
    const contained = await latentOf({ fit: 'contain', background: '#ffffff' });
    expect([contained[0], contained[Math.floor(contained.length / 2)]]).toEqual([1, -1]);
  });

  it('lays transparent files over its background', async () => {
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="6" height="6"/>');
    const latent = async (background: string) =>
      new Set((await linearPatchImage({ size: 6, patchSize: 2, background }).encode(svg)).data);
    expect(await latent('#000000')).toEqual(new Set([-1]));
    expect(await latent('#ffffff')).toEqual(new Set([1]));
  });
});

describe('linear-patch in a host', () => {
  it('takes sizes in each form, and says what is wrong with others', async () => {
    const host = await createHost({ plugins: [image], config: { engine: { name: 'eager' } } });
    const create = (config: Record<string, unknown>) =>
      host.create('continuous-adapter', 'linear-patch', { patchSize: 4, ...config });
    expect((await create({})).defaultLatentShape).toEqual([32, 32, 3]);
    expect((await create({ size: { width: 16, height: 8 } })).defaultLatentShape).toEqual([8, 16, 3]);
    expect((await create({ size: [8, { width: 16, height: 8 }], fit: 'contain' })).latentShapes).toHaveLength(2);
    for (const wrong of [
      { size: 0 },
      { size: [] },
      { size: { width: 8 } },
      { size: '8x8' },
      { fit: 'fill' },
      { position: 'north' },
      { background: 'white' },
      { positions: 'rotary' },
    ]) {
      await expect(create(wrong), JSON.stringify(wrong)).rejects.toMatchObject({ code: 'config.invalid' });
    }
    await host.dispose();
  });
});

checkContinuousAdapter(() => linearPatchImage(settings), {
  title: 'linear-patch at several sizes',
  samples: [picture(8, 8), picture(40, 20), picture(5, 14)],
  sizes: [
    { width: 8, height: 8 },
    { width: 16, height: 8 },
    { width: 4, height: 12 },
  ],
}).register({ describe, it });

checkContinuousAdapter(() => linearPatchImage({ ...settings, size: { width: 8, height: 4 }, positions: 'none' }), {
  title: 'linear-patch without positions',
  samples: [picture(8, 4)],
  sizes: [{ width: 8, height: 4 }],
}).register({ describe, it });
