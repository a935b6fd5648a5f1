// Keeps the examples in order: their code passes the compiler, their configurations are ones that a host takes.
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audio, image, text, video } from '@transfuse/adapters';
import { createHost, type TransfuseConfig, validateConfig } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { expect, it } from 'vitest';
import { typeErrorsIn } from './check-blocks.ts';
import { blocksFolder } from './run-block.ts';

const folder = fileURLToPath(new URL('../../examples/', import.meta.url));
const examples = await readdir(folder);

it('are there', () => {
  expect(examples).toEqual(expect.arrayContaining(['animated-emoji', 'speech', 'tri-modal']));
});

it.each(examples)('%s has a configuration whose every modality can be made', async (name) => {
  const written = JSON.parse(await readFile(join(folder, name, 'transfuse.config.json'), 'utf8')) as TransfuseConfig;
  const { modalities, model, train } = validateConfig(written);
  expect(train.rowLength).toBeLessThanOrEqual(model.sequenceLength);
  const host = await createHost({ plugins: [text, image, audio, video, diffusion] });
  for (const { adapter, shapeTokens: _, ...settings } of Object.values(modalities)) {
    if (adapter === 'bpe') continue; // it learns its vocabulary of the data
    const made = await host.create('continuous-adapter', adapter, settings);
    expect(made.tokenGrid(made.defaultLatentShape).length).toBeGreaterThan(0);
  }
  await host.dispose();
});

it('pass the compiler', async () => {
  const copies = join(blocksFolder, 'examples');
  await rm(copies, { recursive: true, force: true });
  await mkdir(copies, { recursive: true });
  for (const name of examples) await cp(join(folder, name), join(copies, name), { recursive: true });
  expect(await typeErrorsIn('examples')).toEqual([]);
});
