/**
 * Writes a folder so that nobody ever finds half of one: the files go to a temporary sibling, reach the disk, and the
 * sibling takes the folder's name. No portable call exchanges two folders at once, so an old folder is first renamed
 * to `.<name>.previous`. Between those two renames the name is free; whoever finds it so looks for the previous folder,
 * which is always whole. At every moment, and after a crash at any moment, either the old or the new folder can be had.
 */

import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { TransfuseError } from '../errors/index.ts';
import { type FolderOperations, nodeFolderOperations } from './folder-operations.ts';
import { unwritable } from './unwritable.ts';

/** How a folder is written or recovered. */
export interface AtomicFolderOptions {
  /** The file system operations to use, default those of Node. */
  readonly operations?: FolderOperations;
}

/**
 * Writes files as a folder, in the place of any folder that bears the name: all of them or none. When it returns,
 * the folder is on the disk. What dead processes left half written beside it is cleaned away.
 *
 * One writer at a time per folder; readers may come whenever they like, with `locateFolder` or
 * {@link readFolderWhole}.
 *
 * @param files contents by plain file name; texts are written in UTF-8
 * @throws `file.unwritable` where the file system refuses, the target is not a folder, or a name is not a plain one;
 *   what bears the name is then still whole: the old folder or, where only the last flush failed, the new one
 * @example
 * ```ts
 * import { readFolderWhole, writeFolderAtomically } from '@transfuse/core/training';
 * await writeFolderAtomically('checkpoints/emoji', { 'config.json': '{}', 'model.safetensors': new Uint8Array(8) });
 * const files = await readFolderWhole('checkpoints/emoji');
 * console.assert(files?.['model.safetensors']?.length === 8);
 * ```
 */
export async function writeFolderAtomically(
  target: string,
  files: Readonly<Record<string, Uint8Array | string>>,
  options: AtomicFolderOptions = {},
): Promise<void> {
  const operations = options.operations ?? nodeFolderOperations;
  const names = namesAround(target);
  checkFileNames(target, files);
  const temporary = `${names.temporaryPrefix}${process.pid}-${randomBytes(6).toString('hex')}`;
  beingWritten.add(temporary);
  try {
    await operations.makeFolder(names.parent);
    await removeLeftovers(operations, names);
    await writeTemporary(operations, temporary, files);
    await exchange(operations, names, temporary);
  } catch (error) {
    await operations.remove(temporary).catch(() => {}); // if it stays, the next write cleans it away
    throw error instanceof TransfuseError ? error : unwritable(target, error);
  } finally {
    beingWritten.delete(temporary);
  }
}

/**
 * Puts things right after a crash: gives a previous folder its name back where the name is free, deletes it where the
 * new folder had already taken the name. Does nothing otherwise, and must not run beside a writer of the same folder.
 *
 * @returns `intact` if the folder was there, `recovered` if the previous one was put back, `missing` if there is none
 * @throws `file.unwritable` where the file system refuses
 */
export async function recoverFolder(
  target: string,
  options: AtomicFolderOptions = {},
): Promise<'intact' | 'recovered' | 'missing'> {
  const operations = options.operations ?? nodeFolderOperations;
  const names = namesAround(target);
  try {
    const before = await operations.kindOf(names.target);
    await settle(operations, names);
    if (before !== 'missing') return 'intact';
    return (await operations.kindOf(names.target)) === 'missing' ? 'missing' : 'recovered';
  } catch (error) {
    throw error instanceof TransfuseError ? error : unwritable(target, error);
  }
}

/**
 * Where the folder can be read just now: under its name or, between the two renames of a writer or of one that
 * crashed, under the previous folder's. Undefined where there is none. Changes nothing, so readers may call it freely.
 */
export async function locateFolder(target: string, options: AtomicFolderOptions = {}): Promise<string | undefined> {
  const operations = options.operations ?? nodeFolderOperations;
  const names = namesAround(target);
  // Looked for more than once, because a writer may take the folder from one name to the other between two looks.
  for (let round = 0; round < 3; round++) {
    for (const path of [names.target, names.previous]) if ((await operations.kindOf(path)) === 'folder') return path;
  }
  return undefined;
}

interface NamesAround {
  readonly target: string;
  readonly parent: string;
  readonly previous: string;
  readonly temporaryPrefix: string;
}

function namesAround(target: string): NamesAround {
  const path = resolve(target);
  const parent = dirname(path);
  if (parent === path) throw unwritable(target, 'the root of the file system');
  const beside = (ending: string) => join(parent, `.${basename(path)}.${ending}`);
  return { target: path, parent, previous: beside('previous'), temporaryPrefix: beside('writing-') };
}

function checkFileNames(target: string, files: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(files)) {
    if (name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)) continue;
    throw new TransfuseError({
      code: 'file.unwritable',
      place: target,
      found: `the file name ${JSON.stringify(name)}`,
      expected: 'a plain name, without folders',
      mend: 'Name the file like "config.json".',
    });
  }
}

/** The temporary folders that this process is writing: not leftovers, though this process may never have died. */
const beingWritten = new Set<string>();

async function removeLeftovers(operations: FolderOperations, names: NamesAround): Promise<void> {
  await settle(operations, names);
  const prefix = basename(names.temporaryPrefix);
  for (const name of await operations.list(names.parent)) {
    const writer = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]{12}$/.exec(name.slice(prefix.length))?.[1] : undefined;
    const path = join(names.parent, name);
    if (writer === undefined || beingWritten.has(path) || isAnotherProcess(Number(writer))) continue;
    await operations.remove(path);
  }
}

/** Whether another process of this number lives. Our own number is no sign of life: containers give it out again. */
function isAnotherProcess(id: number): boolean {
  if (id === process.pid) return false;
  try {
    return process.kill(id, 0); // signal 0 only asks
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** After this, a previous folder is gone, or it is the folder again. */
async function settle(operations: FolderOperations, names: NamesAround): Promise<void> {
  const kind = await operations.kindOf(names.target);
  if (kind === 'other') throw unwritable(names.target, 'a file where the folder belongs');
  if ((await operations.kindOf(names.previous)) !== 'folder') return;
  if (kind === 'missing') await operations.rename(names.previous, names.target);
  else await discardPrevious(operations, names);
}

async function writeTemporary(
  operations: FolderOperations,
  temporary: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  await operations.makeFolder(temporary);
  for (const [name, content] of Object.entries(files)) await operations.writeFile(join(temporary, name), content);
  await operations.syncFolder(temporary);
}

async function exchange(operations: FolderOperations, names: NamesAround, temporary: string): Promise<void> {
  const replaces = (await operations.kindOf(names.target)) === 'folder';
  if (replaces) await operations.rename(names.target, names.previous);
  try {
    await operations.rename(temporary, names.target);
  } catch (error) {
    if (replaces) await operations.rename(names.previous, names.target).catch(() => {}); // or recovered later
    throw error;
  }
  await operations.syncFolder(names.parent);
  if (replaces) await discardPrevious(operations, names).catch(() => {}); // or by the next write
}

/** Deletes the previous folder under a temporary name, so that what bears the name `previous` is always whole. */
async function discardPrevious(operations: FolderOperations, names: NamesAround): Promise<void> {
  const discarded = `${names.temporaryPrefix}${process.pid}-${randomBytes(6).toString('hex')}`;
  await operations.rename(names.previous, discarded);
  await operations.remove(discarded);
}
