import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateFolder, recoverFolder, writeFolderAtomically } from './atomic-folder.ts';
import { type FolderOperations, nodeFolderOperations } from './folder-operations.ts';
import { readFolderWhole } from './whole-folder.ts';

let parent: string;
let target: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'transfuse-folder-'));
  target = join(parent, 'emoji');
});
afterEach(() => rm(parent, { recursive: true }));

const oldFiles = { 'config.json': 'old', 'model.safetensors': Uint8Array.of(1, 1), 'old-only.json': 'old' };
const newFiles = { 'config.json': 'new', 'model.safetensors': Uint8Array.of(2, 2), 'new-only.json': 'new' };
/** `old`, `new`, `missing`, or whatever else a reader finds in the folder. */
async function found(): Promise<string> {
  const files = await readFolderWhole(target);
  const shown = (which?: Readonly<Record<string, string | Uint8Array>>) =>
    JSON.stringify(
      Object.entries(which ?? {})
        .map(([name, content]) => [name, [...Buffer.from(content)]])
        .toSorted(),
    );
  if (files === undefined) return 'missing';
  return { [shown(oldFiles)]: 'old', [shown(newFiles)]: 'new' }[shown(files)] ?? shown(files);
}

/**
 * Operations of which one goes wrong. After a `failure` all others work; after a `crash` none does, as if the process
 * had died; a `torn crash` has done half of its work before.
 */
type Fault = 'failure' | 'crash' | 'torn crash';
function faulty(at: number, fault: Fault): { operations: FolderOperations; wasHit: () => boolean } {
  let count = 0;
  const guard =
    <Given extends unknown[], Result>(
      operate: (...given: Given) => Promise<Result>,
      half?: (...given: Given) => unknown,
    ) =>
    async (...given: Given): Promise<Result> => {
      const index = count++;
      if (index === at && fault === 'torn crash') await half?.(...given);
      if (index === at || (index > at && fault !== 'failure')) throw new Error(`injected ${fault} at ${at}`);
      return operate(...given);
    };
  const { makeFolder, writeFile: write, syncFolder, rename, remove, list, kindOf } = nodeFolderOperations;
  const operations = {
    makeFolder: guard(makeFolder),
    writeFile: guard(write, (path, content) => write(path, content.slice(0, 1))),
    syncFolder: guard(syncFolder),
    rename: guard(rename, rename),
    remove: guard(remove, async (path) => rm(join(path, 'config.json'), { force: true })),
    list: guard(list),
    kindOf: guard(kindOf),
  };
  return { operations, wasHit: () => count > at };
}

describe('writing', () => {
  it('makes the folder and those above it, with texts and bytes, and leaves nothing else behind', async () => {
    target = join(parent, 'checkpoints', 'deep', 'emoji');
    await writeFolderAtomically(target, newFiles);
    expect(await found()).toBe('new');
    expect(await readdir(join(parent, 'checkpoints', 'deep'))).toEqual(['emoji']);
  });

  it('replaces a folder whole: no file of the old one stays', async () => {
    await writeFolderAtomically(target, oldFiles);
    await writeFolderAtomically(`${target}/`, newFiles);
    expect(await found()).toBe('new');
    expect(await readdir(parent)).toEqual(['emoji']);
  });

  it('writes an empty folder', async () => {
    await writeFolderAtomically(target, {});
    expect(await readdir(target)).toEqual([]);
  });

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'a\0b'])(
    'refuses the file name %j and writes nothing',
    async (name) => {
      const expected = { name: 'TransfuseError', code: 'file.unwritable', place: target };
      await expect(writeFolderAtomically(target, { [name]: '' })).rejects.toMatchObject(expected);
      expect(await readdir(parent)).toEqual([]);
    },
  );

  it('refuses a target that is a file, and leaves it alone', async () => {
    await writeFile(target, 'mine');
    const refused = writeFolderAtomically(target, newFiles);
    await expect(refused).rejects.toMatchObject({ code: 'file.unwritable', found: 'a file where the folder belongs' });
    expect(await readdir(parent)).toEqual(['emoji']);
  });

  it('refuses a place that the file system refuses, and passes on what it said', async () => {
    await writeFile(target, 'mine');
    const refused = writeFolderAtomically(join(target, 'below'), newFiles);
    await expect(refused).rejects.toMatchObject({
      code: 'file.unwritable',
      message: expect.stringMatching(/ENOTDIR|EEXIST/),
    });
  });
});

describe('when one operation goes wrong', () => {
  it.each(['failure', 'crash', 'torn crash'] as const)(
    'a reader sees the old folder or the new one after a %s at any operation, and the next write cleans up',
    async (fault) => {
      const outcomes: string[] = [];
      for (let at = 0; ; at++) {
        await rm(target, { recursive: true, force: true });
        await writeFolderAtomically(target, oldFiles);
        const { operations, wasHit } = faulty(at, fault);
        const error: unknown = await writeFolderAtomically(target, newFiles, { operations }).catch(
          (cause: unknown) => cause,
        );
        if (!wasHit()) break;
        const seen = await found();
        outcomes.push(seen);
        expect(['old', 'new']).toContain(seen);
        if (error === undefined) expect(seen).toBe('new');
        else expect(error).toMatchObject({ name: 'TransfuseError', code: 'file.unwritable' });

        expect(['intact', 'recovered']).toContain(await recoverFolder(target));
        expect(await locateFolder(target)).toBe(target);
        expect(await found()).toBe(seen);
        await writeFolderAtomically(target, newFiles);
        expect(await found()).toBe('new');
        expect(await readdir(parent)).toEqual(['emoji']);
      }
      // Both sides of the exchange were tried, and the new folder never gave way to the old one again.
      expect(outcomes).toContain('old');
      expect(outcomes.slice(outcomes.indexOf('new')).every((seen) => seen === 'new')).toBe(true);
      expect(outcomes.length).toBeGreaterThan(12);
    },
  );

  it('a failure before the exchange leaves no temporary folder', async () => {
    await writeFolderAtomically(target, oldFiles);
    const operations = { ...nodeFolderOperations, syncFolder: () => Promise.reject(new Error('disk full')) };
    await expect(writeFolderAtomically(target, newFiles, { operations })).rejects.toThrow(/disk full/);
    expect(await readdir(parent)).toEqual(['emoji']);
    expect(await found()).toBe('old');
  });

  it('a first write that crashes leaves nothing under the name', async () => {
    for (let at = 0; ; at++) {
      const { operations, wasHit } = faulty(at, 'crash');
      await writeFolderAtomically(target, newFiles, { operations }).catch(() => {});
      if (!wasHit()) break;
      expect(['missing', 'new']).toContain(await found());
      await rm(target, { recursive: true, force: true });
    }
    expect(await readdir(parent)).toEqual(['emoji']); // and the last write cleaned up after all of those
  });
});

describe('recovering', () => {
  it('puts the previous folder back where the name is free', async () => {
    await writeFolderAtomically(target, oldFiles);
    await nodeFolderOperations.rename(target, join(parent, '.emoji.previous'));
    expect(await locateFolder(target)).toBe(join(parent, '.emoji.previous'));
    expect(await found()).toBe('old');
    expect(await recoverFolder(target)).toBe('recovered');
    expect(await readdir(parent)).toEqual(['emoji']);
    expect(await recoverFolder(target)).toBe('intact');
  });

  it('deletes the previous folder where the new one has the name', async () => {
    await writeFolderAtomically(target, newFiles);
    await writeFolderAtomically(join(parent, '.emoji.previous'), oldFiles);
    expect(await found()).toBe('new');
    expect(await recoverFolder(target)).toBe('intact');
    expect(await readdir(parent)).toEqual(['emoji']);
  });

  it('says that a folder is missing where there was never one', async () => {
    expect(await recoverFolder(target)).toBe('missing');
    expect(await locateFolder(target)).toBeUndefined();
    expect(await readFolderWhole(target)).toBeUndefined();
  });
});

describe('leftovers', () => {
  it('of dead processes are cleaned away; those of living ones and other folders’ stay', async () => {
    const leftover = (id: number, of = 'emoji') => `.${of}.writing-${id}-0123456789ab`;
    const dead = [leftover(2 ** 31 - 1), leftover(process.pid)]; // our number, but not a folder we are writing
    const alive = [leftover(process.ppid), leftover(2 ** 31 - 1, 'other'), '.emoji.writing-notes'];
    for (const name of [...dead, ...alive]) await mkdir(join(parent, name));
    await writeFolderAtomically(target, newFiles);
    expect((await readdir(parent)).toSorted()).toEqual([...alive, 'emoji'].toSorted());
  });
});

describe('reading beside a writer', () => {
  it('never mixes two folders', async () => {
    const generation = (number: number) =>
      Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.txt`, `${number}`]));
    await writeFolderAtomically(target, generation(0));
    let writing = true;
    const writer = (async () => {
      for (let number = 1; number <= 60; number++) await writeFolderAtomically(target, generation(number));
      writing = false;
    })();
    const seen = new Set<string>();
    while (writing) {
      const files = await readFolderWhole(target);
      const contents = Object.values(files ?? {}).map((content) => Buffer.from(content).toString());
      expect(contents).toHaveLength(4);
      expect(new Set(contents).size).toBe(1);
      seen.add(contents[0]!);
    }
    await writer;
    expect(seen.size).toBeGreaterThan(1);
  });

  it('reads only the files asked for', async () => {
    await writeFolderAtomically(target, newFiles);
    const files = await readFolderWhole(target, { names: ['config.json', 'nothing.json'] });
    expect(Object.keys(files ?? {})).toEqual(['config.json']);
  });
});
