/**
 * Reads a folder that another process may be replacing. A folder that {@link writeFolderAtomically} wrote never
 * changes, it only changes its name; so if the same folder bears the name before and after its files were read, they
 * belong together. If not, the reading starts anew.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfuseError } from '../errors/index.ts';
import { locateFolder } from './atomic-folder.ts';

const attempts = 100;

/**
 * All files of a folder (not of folders in it), read together: all old or all new, whatever a writer does meanwhile.
 *
 * @param options.names reads only these files; those that do not exist are left out
 * @returns contents by file name, undefined where there is no such folder
 * @throws `checkpoint.invalid` where the folder was replaced again and again during a hundred attempts
 */
export async function readFolderWhole(
  target: string,
  options: { readonly names?: readonly string[] } = {},
): Promise<Record<string, Uint8Array> | undefined> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const path = await locateFolder(target);
    if (path === undefined) return undefined;
    const before = await identityOf(path);
    const files = await readFiles(path, options.names);
    if (before !== undefined && files !== undefined && before === (await identityOf(path))) return files;
  }
  throw new TransfuseError({
    code: 'checkpoint.invalid',
    place: target,
    found: `a folder that was replaced during each of ${attempts} attempts to read it`,
    expected: 'one that stays for the time of a reading',
    mend: 'Write it less often, or read it when nothing is writing.',
  });
}

async function readFiles(
  path: string,
  names: readonly string[] | undefined,
): Promise<Record<string, Uint8Array> | undefined> {
  const present = await unlessGone(readdir(path, { withFileTypes: true }));
  if (present === undefined) return undefined;
  const files: [string, Uint8Array][] = [];
  for (const entry of present) {
    if (entry.isDirectory() || (names !== undefined && !names.includes(entry.name))) continue;
    const content = await unlessGone(readFile(join(path, entry.name)));
    if (content === undefined) return undefined;
    files.push([entry.name, content]);
  }
  return Object.fromEntries(files);
}

async function identityOf(path: string): Promise<string | undefined> {
  const status = await unlessGone(stat(path, { bigint: true }));
  return status && `${status.dev}:${status.ino}:${status.birthtimeNs}:${status.mtimeNs}`;
}

/** What a call yields, or undefined where the folder was taken away meanwhile. */
async function unlessGone<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
