import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@transfuse/core';
import type { HostTensor } from '@transfuse/core/contracts';
import { initializeParameters, writeSafetensors } from '@transfuse/core/params';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { perceptualParameters } from './perceptual-distance.ts';
import { readPerceptualNetwork } from './perceptual-folder.ts';
import { weightsToFile } from './weight-layout.ts';

const weights = initializeParameters(perceptualParameters([2, 3, 2, 4, 2]), createRandom(1));
const stored = weightsToFile(weights);
const stray: HostTensor = { dtype: 'float32', shape: [2, 2], data: new Float32Array(4) };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perceptual-'));
});
afterAll(() => rm(root, { recursive: true }));

const folderOf = async (name: string, files: Readonly<Record<string, Readonly<Record<string, HostTensor>>>>) => {
  const folder = join(root, name);
  await mkdir(folder);
  for (const [file, tensors] of Object.entries(files)) await writeFile(join(folder, file), writeSafetensors(tensors));
  return folder;
};
const renamed = (rename: (name: string) => string) =>
  Object.fromEntries(Object.entries(stored).map(([name, tensor]) => [rename(name), tensor]));
const part = (begin: string) => Object.fromEntries(Object.entries(stored).filter(([name]) => name.startsWith(begin)));

describe('the network of the perceptual distance', () => {
  it('is read from two files, torchvision’s and lpips’, whatever else they hold', async () => {
    const lin = Object.fromEntries(
      Object.entries(part('lin')).map(([name, tensor]) => [name.replace('.weight', '.model.1.weight'), tensor]),
    );
    const folder = await folderOf('two', {
      'vgg16.safetensors': { ...part('features'), 'classifier.0.weight': stray },
      'lpips.safetensors': lin,
    });
    expect(await readPerceptualNetwork(folder)).toEqual({ weights });
  });

  it('is read from one file under the names of lpips', async () => {
    const folder = await folderOf('one', {
      'all.safetensors': {
        ...renamed((name) => name.replace(/^features\.(\d+)/, 'net.slice2.$1')),
        'scaling_layer.shift': stray,
      },
    });
    expect(await readPerceptualNetwork(join(folder, 'all.safetensors'))).toEqual({ weights });
  });

  it('says what is missing, and what does not fit', async () => {
    await expect(readPerceptualNetwork(join(root, 'nowhere'))).rejects.toMatchObject({ code: 'checkpoint.not-found' });
    await expect(readPerceptualNetwork(await folderOf('empty', {}))).rejects.toMatchObject({
      code: 'checkpoint.not-found',
      found: 'a folder without safetensors',
    });
    const half = await folderOf('half', { 'vgg16.safetensors': part('lin') });
    await expect(readPerceptualNetwork(half)).rejects.toMatchObject({
      code: 'checkpoint.invalid',
      place: `${half}, tensor features.0.weight`,
      found: 'no such tensor',
    });
    const other = await folderOf('other', { 'a.safetensors': { ...stored, 'features.5.weight': stray } });
    await expect(readPerceptualNetwork(other)).rejects.toMatchObject({
      code: 'checkpoint.invalid',
      place: `${other}, tensor features.5.weight`,
    });
  });
});
