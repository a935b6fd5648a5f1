/**
 * Optimized models on disk, by key. An entry is a folder with the model and a small description of it (size, SHA-256);
 * it is written under a temporary name and renamed, so it is there whole or not at all, whoever else writes the same one.
 * A damaged entry is removed when it is met. Nothing here throws: a cache that cannot be read or written is merely of
 * no use. Entries are evicted, the least recently used first, where all together are larger than the limit.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digest } from './digest.ts';

/** A place for a model that is being written. */
interface ModelDraft {
  /** Where to write it; nothing is there yet. */
  readonly path: string;
  /** Makes what was written an entry of the cache. */
  keep(): Promise<void>;
  /** Removes whatever was written. */
  drop(): Promise<void>;
}

/** Settings of {@link createModelCache}. */
export interface ModelCacheOptions {
  readonly folder: string;
  /** Bytes of models that are kept in all; default 512 MiB. */
  readonly limit?: number;
  /** Bytes of the largest model that is kept: reading and checking a larger one takes as long as compiling it. Default 16 MiB. */
  readonly largest?: number;
}

/** Models by key; a key is a file name. */
export interface ModelCache {
  /** A stored model, checked; undefined where there is none, or none that is whole. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Starts an entry; undefined where nothing can be written. `about` is told to whoever looks into the folder. */
  draft(key: string, about: Readonly<Record<string, string>>): Promise<ModelDraft | undefined>;
  /** Removes an entry. */
  remove(key: string): Promise<void>;
}

const model = 'model.onnx';
const description = 'entry.json';
const draftPrefix = '.draft-';
/** A draft this old was left behind by a process that ended. */
const abandonedAfter = 3_600_000;

/** Opens the cache in a folder, which is made when something is first written. */
export function createModelCache({
  folder,
  limit = 512 * 2 ** 20,
  largest = 16 * 2 ** 20,
}: ModelCacheOptions): ModelCache {
  const remove = async (name: string) => {
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
  };
  return {
    remove,
    async read(key) {
      const entry = join(folder, key);
      const written = await readFile(join(entry, description), 'utf8').catch(() => undefined);
      if (written === undefined) return undefined;
      const bytes = await readFile(join(entry, model)).catch(() => undefined);
      if (bytes === undefined || !describes(written, bytes)) {
        await remove(key);
        return undefined;
      }
      const now = new Date();
      await utimes(join(entry, description), now, now).catch(() => undefined);
      return bytes;
    },
    async draft(key, about) {
      const place = await mkdir(folder, { recursive: true, mode: 0o700 })
        .then(() => mkdtemp(join(folder, draftPrefix)))
        .catch(() => undefined);
      if (place === undefined) return undefined;
      const drop = () => rm(place, { recursive: true, force: true }).catch(() => undefined);
      return {
        path: join(place, model),
        drop,
        async keep() {
          try {
            const bytes = await readFile(join(place, model));
            if (bytes.length <= largest) {
              const entry = { ...about, size: bytes.length, sha256: digest(bytes) };
              await writeFile(join(place, description), `${JSON.stringify(entry, undefined, 2)}\n`);
              await rename(place, join(folder, key)); // fails where another process was first: theirs is as good
            }
          } catch {
            // Nothing was kept, and nothing is lost by it.
          }
          await drop();
          await evict(folder, limit, remove);
        },
      };
    },
  };
}

function describes(written: string, bytes: Uint8Array): boolean {
  try {
    const { size, sha256 } = JSON.parse(written) as Readonly<Record<string, unknown>>;
    return size === bytes.length && sha256 === digest(bytes);
  } catch {
    return false;
  }
}

/** Removes the least recently used entries beyond the limit, and drafts that nobody will finish. */
async function evict(folder: string, limit: number, remove: (name: string) => Promise<void>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const entries: { readonly name: string; readonly size: number; readonly used: number }[] = [];
  for (const name of names) {
    if (name.startsWith(draftPrefix)) {
      const age = await stat(join(folder, name)).then(
        ({ mtimeMs }) => Date.now() - mtimeMs,
        () => 0,
      );
      if (age > abandonedAfter) await remove(name);
      continue;
    }
    const [written, stored] = await Promise.all(
      [description, model].map((file) => stat(join(folder, name, file)).catch(() => undefined)),
    );
    if (stored !== undefined) entries.push({ name, size: stored.size, used: written?.mtimeMs ?? 0 });
  }
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of entries.toSorted((a, b) => a.used - b.used)) {
    if (total <= limit) return;
    await remove(name);
    total -= size;
  }
}
