import { readFile, rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { bundlePage } from './page-bundle.ts';

it('a page with the engine, training and generation bundles without a module of Node.js', async () => {
  const { folder, nodeModules, scripts } = await bundlePage(new URL('page/main.ts', import.meta.url));
  await rm(folder, { recursive: true });
  expect(nodeModules).toEqual([]);
  expect(Object.keys(scripts)).toEqual(['page.js', expect.stringContaining('wasm'), expect.stringContaining('webgpu')]);
});

it('a page with the engine of Node.js does not, and the modules are named with who asks for them', async () => {
  const { folder, nodeModules } = await bundlePage(new URL('page/node-engine.ts', import.meta.url));
  await rm(folder, { recursive: true });
  expect(nodeModules).toContain('node:os from packages/core/src/engine/compiled-engine.ts');
});

it('the entry points that the guide calls free of Node.js read no module of it at all', async () => {
  const { folder, readNodeModules } = await bundlePage(new URL('page/every-entry.ts', import.meta.url));
  await rm(folder, { recursive: true });
  expect(readNodeModules).toEqual([]);
  const guide = await readFile(new URL('../../docs/browser.md', import.meta.url), 'utf8');
  const [, sentence = ''] = /hold no code that asks for Node\.js: ([^.]+)\./.exec(guide) ?? [];
  let owner = '';
  const listed = [...sentence.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
    const full = name.startsWith('/') ? `${owner}${name}` : name;
    owner = full.split('/').slice(0, 2).join('/');
    return full;
  });
  const page = await readFile(new URL('page/every-entry.ts', import.meta.url), 'utf8');
  const imported = [...page.matchAll(/from '([^']+)'/g)].map(([, name]) => name);
  expect(listed.toSorted()).toEqual(imported.toSorted());
});
