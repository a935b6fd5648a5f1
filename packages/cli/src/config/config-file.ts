// Reads a configuration file: TypeScript through jiti, JavaScript as a module, JSON as it is. What comes back is what
// the person wrote; the host checks it.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TransfuseError } from '@transfuse/core/contracts';
import { createJiti } from 'jiti';
import { jsonProblem, moduleProblem } from './syntax-problem.ts';

/** A configuration as it was found. */
export interface ConfigFile {
  /** Absolute path. */
  readonly path: string;
  /** The file's name without `.config` and the extension: `emoji` of `emoji.config.ts`. */
  readonly name: string;
  /** The default export, or the JSON. */
  readonly value: Readonly<Record<string, unknown>>;
}

const moduleExtensions = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
const extensions = [...moduleExtensions, '.json'];
const defaultNames = ['ts', 'mts', 'js', 'mjs', 'json'].map((extension) => `transfuse.config.${extension}`);

/**
 * Reads a configuration file.
 *
 * @param path the file; undefined looks for `transfuse.config.ts`, `.mts`, `.js`, `.mjs`, `.json` in this folder
 * @throws TransfuseError `config.not-found`, `config.unreadable`
 */
export async function readConfigFile(path: string | undefined): Promise<ConfigFile> {
  const chosen = path ?? (await findDefault());
  const absolute = resolve(chosen);
  const status = await stat(absolute).catch(() => undefined);
  if (status?.isFile() !== true) throw notFound(chosen, status === undefined ? 'no such file' : 'a folder');
  const extension = extname(absolute).toLowerCase();
  if (!extensions.includes(extension)) {
    throw unreadable(chosen, `the extension "${extension}"`, `one of ${extensions.join(', ')}`);
  }
  const value = extension === '.json' ? await readJson(chosen, absolute) : await readModule(chosen, absolute);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const expected = extension === '.json' ? 'a JSON object' : 'a configuration as the default export';
    throw unreadable(chosen, value === undefined ? 'no default export' : describe(value), expected);
  }
  const name = basename(absolute, extname(absolute)).replace(/\.config$/, '');
  return { path: absolute, name: name === '' ? 'run' : name, value: value as Readonly<Record<string, unknown>> };
}

/** Imports a module that a configuration names or is: TypeScript through jiti, JavaScript as Node does. */
export async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(file).href;
  if (!/\.[cm]?ts$/i.test(file)) return (await import(url)) as Readonly<Record<string, unknown>>;
  return createJiti(url, { fsCache: false, interopDefault: false }).import(file);
}

async function findDefault(): Promise<string> {
  for (const name of defaultNames) if (await isFile(resolve(name))) return name;
  throw new TransfuseError({
    code: 'config.not-found',
    place: dirname(resolve('x')),
    found: 'no configuration',
    expected: `one of ${defaultNames.join(', ')}`,
    mend: 'Name a configuration file: transfuse train my.config.ts.',
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

async function readJson(shown: string, absolute: string): Promise<unknown> {
  const text = (await readFile(absolute, 'utf8')).replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(shown, jsonProblem(cause as SyntaxError, text), 'JSON', cause);
  }
}

async function readModule(shown: string, absolute: string): Promise<unknown> {
  try {
    return (await importModule(absolute))['default'];
  } catch (cause) {
    throw unreadable(shown, await moduleProblem(cause, absolute), 'a module that can be imported', cause);
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function notFound(place: string, found: string): TransfuseError {
  return new TransfuseError({
    code: 'config.not-found',
    place,
    found,
    expected: 'a configuration file',
    mend: 'Check the path; it is taken from the folder the program was started in.',
  });
}

function unreadable(place: string, found: string, expected: string, cause?: unknown): TransfuseError {
  const mend = 'Correct the file.';
  return new TransfuseError({ code: 'config.unreadable', place, found, expected, mend, cause });
}
