import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createModelCache, type ModelCache } from './model-cache.ts';

let folder: string;
let cache: ModelCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-cache-'));
  cache = createModelCache({ folder, limit: 100, largest: 60 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Stores bytes under a key. */
async function store(key: string, bytes: Uint8Array, into = cache): Promise<void> {
  const draft = await into.draft(key, { function: 'f' });
  await writeFile(draft!.path, bytes);
  await draft!.keep();
}

/** Makes an entry look as if it was last used so many seconds ago. */
async function usedAgo(key: string, seconds: number): Promise<void> {
  const then = new Date(Date.now() - seconds * 1000);
  await utimes(join(folder, key, 'entry.json'), then, then);
}

const bytes = (size: number, value = 1) => new Uint8Array(size).fill(value);

describe('a model cache', () => {
  it('gives back what was stored under a key, and nothing under another', async () => {
    await store('a', bytes(10));
    expect(await cache.read('a')).toEqual(Buffer.from(bytes(10)));
    expect(await cache.read('b')).toBeUndefined();
    expect(await createModelCache({ folder }).read('a')).toEqual(Buffer.from(bytes(10)));
  });

  it('says in each entry what it is', async () => {
    await store('a', bytes(3, 0));
    expect(JSON.parse(await readFile(join(folder, 'a', 'entry.json'), 'utf8'))).toEqual({
      function: 'f',
      size: 3,
      sha256: '709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c', // sha256sum of three zero bytes
    });
  });

  it('shows nothing of a model that is still being written, or was dropped', async () => {
    const draft = await cache.draft('a', {});
    await writeFile(draft!.path, bytes(10));
    expect(await cache.read('a')).toBeUndefined();
    await draft!.drop();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each<[string, (entry: string) => Promise<void>]>([
    ['a truncated model', (entry) => writeFile(join(entry, 'model.onnx'), bytes(9))],
    ['a model with other bytes', (entry) => writeFile(join(entry, 'model.onnx'), bytes(10, 2))],
    ['no model', (entry) => rm(join(entry, 'model.onnx'))],
    ['half a description', (entry) => writeFile(join(entry, 'entry.json'), '{"size": 10, "sha')],
    ['a description of nothing', (entry) => writeFile(join(entry, 'entry.json'), 'null')],
  ])('removes an entry with %s, and takes a new one in its place', async (_, damage) => {
    await store('a', bytes(10));
    await damage(join(folder, 'a'));
    expect(await cache.read('a')).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
    await store('a', bytes(10));
    expect(await cache.read('a')).toHaveLength(10);
  });

  it('lets two write the same entry at once: one is kept, and it is whole', async () => {
    const drafts = await Promise.all([1, 2, 3, 4].map(() => cache.draft('a', {})));
    await Promise.all(drafts.map((draft, index) => writeFile(draft!.path, bytes(10, index))));
    await Promise.all(drafts.map((draft) => draft!.keep()));
    expect(await readdir(folder)).toEqual(['a']);
    expect(new Set(await cache.read('a')).size).toBe(1);
  });

  it('evicts the least recently used beyond its limit, and a reading is a use', async () => {
    await store('old', bytes(40));
    await store('older', bytes(40));
    await usedAgo('old', 20);
    await usedAgo('older', 30);
    await cache.read('older');
    await store('new', bytes(40));
    expect((await readdir(folder)).toSorted()).toEqual(['new', 'older']);
  });

  it('keeps no model that is larger than it may be', async () => {
    await store('a', bytes(61));
    expect(await readdir(folder)).toEqual([]);
  });

  it('clears away what a process that ended had begun, and nothing that is being written', async () => {
    await mkdir(join(folder, '.draft-left'));
    const longAgo = new Date(Date.now() - 7_200_000);
    await utimes(join(folder, '.draft-left'), longAgo, longAgo);
    const running = await cache.draft('b', {});
    await store('a', bytes(10));
    const names = await readdir(folder);
    expect(names).not.toContain('.draft-left');
    expect(names).toHaveLength(2);
    await running!.drop();
  });

  it('leaves alone what is not its own', async () => {
    await writeFile(join(folder, 'README'), 'mine');
    await store('a', bytes(60));
    await store('b', bytes(60));
    expect(await readdir(folder)).toContain('README');
  });

  it('is of no use, and no harm, where its folder cannot be made', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const useless = createModelCache({ folder: join(file, 'inside') });
    expect(await useless.read('a')).toBeUndefined();
    expect(await useless.draft('a', {})).toBeUndefined();
    await expect(useless.remove('a')).resolves.toBeUndefined();
  });
});
