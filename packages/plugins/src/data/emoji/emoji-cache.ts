/*
 * The drawn pictures on disk, so that they are drawn once: one file of pixels and one JSON file that lists them and
 * carries a checksum over both. Each is written under a temporary name and renamed, the list last. Whatever does not
 * fit together when it is read (truncated, edited, of another format) counts as absent and is drawn again.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TransfuseError } from '@transfuse/core/contracts';
import type { AssignedPicture } from './emoji-splits.ts';

/** The pictures of a data set. */
export interface StoredPictures {
  readonly size: number;
  readonly pictures: readonly AssignedPicture[];
  /** `[pictures, size, size, 3]` */
  readonly pixels: Uint8Array;
}

/** Raised when what is stored, or how it is made, changes: stored pictures of another version are not read. */
const emojiCacheVersion = 1;

/** Where the pictures of one configuration are stored. */
export interface EmojiCacheFiles {
  readonly index: string;
  readonly pixels: string;
}

/** The files for everything that decides what the pictures look like: packages and their versions, settings, renderer. */
export function emojiCacheFiles(folder: string, deciding: Readonly<Record<string, unknown>>): EmojiCacheFiles {
  const key = createHash('sha256')
    .update(JSON.stringify({ emojiCacheVersion, ...deciding }))
    .digest('hex')
    .slice(0, 16);
  return { index: join(folder, `emoji-${key}.json`), pixels: join(folder, `emoji-${key}.bin`) };
}

/** Reads stored pictures; undefined if there are none or they are damaged. */
export async function readEmojiCache(files: EmojiCacheFiles): Promise<StoredPictures | undefined> {
  try {
    const [text, bytes] = await Promise.all([readFile(files.index, 'utf8'), readFile(files.pixels)]);
    const { checksum, size, pictures } = JSON.parse(text) as StoredPictures & { readonly checksum: string };
    const pixels = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    const stored = { size, pictures, pixels };
    return checksum === checksumOf(stored) ? stored : undefined;
  } catch {
    return undefined; // absent, unreadable or no JSON: drawing the pictures again mends all of these
  }
}

/** Stores pictures. @throws TransfuseError `dataset.unavailable` if the folder cannot be written to. */
export async function writeEmojiCache(files: EmojiCacheFiles, stored: StoredPictures): Promise<void> {
  const { size, pictures, pixels } = stored;
  try {
    await mkdir(join(files.index, '..'), { recursive: true });
    await replaceFile(files.pixels, pixels);
    await replaceFile(files.index, JSON.stringify({ checksum: checksumOf(stored), size, pictures }));
  } catch (cause) {
    throw new TransfuseError({
      code: 'dataset.unavailable',
      place: files.index,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a cache folder that can be written to',
      mend: 'Free some space or choose another cache folder.',
      cause,
    });
  }
}

async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}

function checksumOf({ size, pictures, pixels }: StoredPictures): string {
  return createHash('sha256')
    .update(JSON.stringify([size, pictures]))
    .update(pixels)
    .digest('hex');
}
