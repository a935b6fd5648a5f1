import type { DatasetSplit, Latent, RawImage } from '@transfuse/core/contracts';
import { expect, it } from 'vitest';
import { evaluateSplit, signalToNoise } from './codec-evaluation.ts';
import { reconstructionSheet } from './reconstruction-sheet.ts';

const grey = (value: number): RawImage => ({ width: 2, height: 2, data: new Uint8Array(12).fill(value) });
const split: DatasetSplit = {
  name: 'greys',
  length: 10,
  item: (index) => ({ id: String(index), segments: [{ modality: 'image', value: grey(20 * index) }] }),
};
/** Makes every picture 5 bytes lighter. */
const lighter = {
  encode: async (pixels: Latent) => pixels,
  decode: async ({ shape, data }: Latent) => ({ shape, data: data.map((value) => value + 5 / 127.5) }),
};

it('measures the peak signal-to-noise ratio over a spread of pictures, and shows some of them', async () => {
  const evaluation = await evaluateSplit(lighter, split, { size: 2, most: 5, shown: 2 });
  expect(evaluation).toMatchObject({ split: 'greys', pictures: 5 });
  expect(evaluation.psnr).toBeCloseTo(20 * Math.log10(255 / 5), 6);
  expect(evaluation.shown).toEqual([0, 80].map((value) => ({ original: grey(value), decoded: grey(value + 5) })));
});

it('measures the scaling of the latents it saw', async () => {
  const { scaling } = await evaluateSplit(lighter, split, { size: 2, most: 10, shown: 0 });
  const greys = Array.from({ length: 10 }, (_, index) => (20 * index) / 127.5 - 1);
  const mean = greys.reduce((sum, value) => sum + value, 0) / 10;
  const deviation = Math.sqrt(greys.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 10);
  expect(scaling.shift).toBeCloseTo(mean, 5);
  expect(scaling.scale).toBeCloseTo(1 / deviation, 5);
});

it('knows no end of decibels for a picture that comes back as it was', () => {
  expect(signalToNoise(0)).toBe(Number.POSITIVE_INFINITY);
  expect(signalToNoise(255 ** 2)).toBe(0);
});

it('draws originals above reconstructions, enlarged, as many beside each other as asked for', () => {
  const pairs = [10, 20, 30].map((value) => ({ original: grey(value), decoded: grey(value + 5) }));
  const sheet = reconstructionSheet(pairs, { columns: 2, enlarged: 3 });
  expect([sheet.width, sheet.height]).toEqual([2 * 10 + 4, 2 * 20 + 4]);
  const at = (x: number, y: number) => sheet.data[(y * sheet.width + x) * 3];
  expect([at(0, 0), at(4, 4), at(9, 9), at(10, 4), at(4, 11), at(14, 4), at(4, 24), at(14, 24)]).toEqual([
    255, 10, 10, 255, 15, 20, 30, 255,
  ]);
});
