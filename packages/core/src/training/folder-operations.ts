/**
 * The few file system operations that writing a folder atomically is made of, and their one implementation for Node.
 * They stand apart so that a test can let any one of them fail, or stop the world after it.
 */

import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What {@link writeFolderAtomically} asks of a file system. Each operation is complete, or throws. */
export interface FolderOperations {
  /** Makes a folder and those above it, and waits until their names are on the disk; one that exists is fine. */
  makeFolder(path: string): Promise<void>;
  /** Writes a new file and waits until it is on the disk. */
  writeFile(path: string, content: Uint8Array | string): Promise<void>;
  /** Waits until a folder's list of names is on the disk. */
  syncFolder(path: string): Promise<void>;
  /** Gives a folder another name within the same parent, which nothing bears. */
  rename(from: string, to: string): Promise<void>;
  /** Deletes a folder and all in it. */
  remove(path: string): Promise<void>;
  /** The names in a folder. */
  list(path: string): Promise<readonly string[]>;
  /** What a path leads to: `missing`, a `folder`, or some `other` thing. */
  kindOf(path: string): Promise<'missing' | 'folder' | 'other'>;
}

/** The operations on the real file system. */
export const nodeFolderOperations: FolderOperations = {
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  },
  async writeFile(path, content) {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  syncFolder,
  rename,
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
  async list(path) {
    return readdir(path);
  },
  async kindOf(path) {
    try {
      return (await stat(path)).isDirectory() ? 'folder' : 'other';
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
      throw error;
    }
  },
};

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // Windows opens no folders, and journals names itself
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
