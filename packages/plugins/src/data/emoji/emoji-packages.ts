/*
 * Where the pictures and names come from: npm packages that a project installs beside this one, none of which has code
 * that is run. A package is looked for from a list of folders, as Node would look for it from there, and only its
 * folder and version are taken, since not all of the packages export their package.json.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TransfuseError } from '@transfuse/core/contracts';
import type { EmojiStyle } from './emoji-style.ts';

/** An installed package. */
export interface LocatedPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** The package that holds the names. */
export const namesPackage = 'emojibase-data';

/** The package that holds the drawings of each style. */
export const stylePackages: Readonly<Record<EmojiStyle, string>> = {
  twemoji: '@iconify-json/twemoji',
  noto: '@iconify-json/noto',
  'fluent-flat': '@iconify-json/fluent-emoji-flat',
  'fluent-3d': '@lobehub/fluent-emoji-3d',
};

/**
 * Finds an installed package.
 *
 * @param from Files or folders (ending in a slash) to look from, in order.
 * @throws TransfuseError `dataset.unavailable` if it is not installed.
 */
export async function locatePackage(name: string, from: readonly string[]): Promise<LocatedPackage> {
  for (const start of from) {
    for (const modules of createRequire(start).resolve.paths(name) ?? []) {
      const folder = join(modules, name);
      const version = await readVersion(join(folder, 'package.json'));
      if (version !== undefined) return { name, version, folder };
    }
  }
  throw new TransfuseError({
    code: 'dataset.unavailable',
    place: 'data set emoji',
    found: `no package ${name}`,
    expected: `${name} to be installed in the project`,
    mend: `Run "npm install ${name}".`,
  });
}

async function readVersion(file: string): Promise<string | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof content !== 'object' || content === null || !('version' in content)) return undefined;
    return typeof content.version === 'string' ? content.version : undefined;
  } catch {
    return undefined; // not installed here, or half-installed: the next folder may have it whole
  }
}

/** Reads one JSON file of a package. @throws TransfuseError `dataset.unavailable` if it is missing or not JSON. */
export async function readPackageJson(found: LocatedPackage, file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(found.folder, file), 'utf8'));
  } catch (cause) {
    throw brokenPackage(found, `${file}, which cannot be read as JSON`, cause);
  }
}

/** The error for a package whose content is not as expected. */
export function brokenPackage(found: LocatedPackage, what: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'dataset.unavailable',
    place: `data set emoji, package ${found.name} ${found.version}`,
    found: what,
    expected: 'the files this version is published with',
    mend: `Run "npm install ${found.name}" again.`,
    cause,
  });
}
