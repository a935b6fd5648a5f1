import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { bundlePage } from './page-bundle.ts';

it('a page with the engine, training and generation bundles without a module of Node.js', async () => {
  const { folder, nodeModules, scripts } = await bundlePage('main.ts');
  await rm(folder, { recursive: true });
  expect(nodeModules).toEqual([]);
  expect(Object.keys(scripts)).toEqual(['page.js', expect.stringContaining('wasm'), expect.stringContaining('webgpu')]);
});

it('a page with the engine of Node.js does not, and the modules are named with who asks for them', async () => {
  const { folder, nodeModules } = await bundlePage('node-engine.ts');
  await rm(folder, { recursive: true });
  expect(nodeModules).toContain('node:os from packages/core/src/engine/compiled-engine.ts');
});
