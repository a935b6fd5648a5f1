// Finds installed npm packages as Node would, without loading them, and reads their versions.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where to look from: this package, the packages it is made of (theirs may lie deeper), and the working directory. */
function startingPoints(): readonly string[] {
  const here = createRequire(import.meta.url);
  const parts = ['@transfuse/core', '@transfuse/adapters', '@transfuse/plugins'].flatMap((name) => {
    try {
      return [here.resolve(`${name}/package.json`)];
    } catch {
      return []; // reported by whatever needs it
    }
  });
  return [import.meta.url, ...parts, `${process.cwd()}/`];
}

/** The version of an installed package, undefined where it is not installed. */
export async function installedVersion(name: string): Promise<string | undefined> {
  for (const start of startingPoints()) {
    for (const modules of createRequire(start).resolve.paths(name) ?? []) {
      const version = await readVersion(join(modules, name, 'package.json'));
      if (version !== undefined) return version;
    }
  }
  return undefined;
}

async function readVersion(file: string): Promise<string | undefined> {
  try {
    const { version } = JSON.parse(await readFile(file, 'utf8')) as { readonly version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined; // not installed here; the next folder may have it
  }
}
