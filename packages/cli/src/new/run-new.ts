// Runs `transfuse new`: makes a package from a template, in a folder that is not there yet or empty.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { TransfuseError } from '@transfuse/core/contracts';
import type { NewOptions } from '../commands/new.ts';
import type { Surroundings } from '../surroundings.ts';
import { packageName } from './package-name.ts';
import { renderTemplate } from './render-template.ts';
import type { TemplateKind } from './template-kind.ts';

/** Makes the package and says what to do next. Throws `config.invalid` for a bad name, `file.unwritable` for a folder in use. */
export async function runNew(
  kind: TemplateKind,
  name: string,
  options: NewOptions,
  { stdout }: Surroundings,
): Promise<void> {
  const named = packageName(name);
  const folder = resolve(options.folder ?? named.words);
  const core = coreVersion();
  const files = await renderTemplate(kind, named, { core });
  await insistEmpty(folder);
  await writeFiles(folder, files);
  const paths = [...files.keys()].toSorted();
  if (options.json) {
    stdout.write(`${JSON.stringify({ kind, name: named.full, folder, files: paths }, null, 2)}\n`);
    return;
  }
  const near = relative('', folder) || '.';
  stdout.write(`Made ${named.full} in ${near}: ${paths.length} files.\n`);
  stdout.write(`Next: cd ${near} && npm install && npm test\n`);
  if (core === '0.0.0') {
    stdout.write('(Transfuse is not published yet: install its packed packages first, as docs/authoring.md shows.)\n');
  }
  stdout.write(`Then replace what src/${named.words}.ts does, and choose a licence.\n`);
}

async function insistEmpty(folder: string): Promise<void> {
  let found: string;
  try {
    const entries = await readdir(folder);
    if (entries.length === 0) return;
    found = `a folder with ${entries.length === 1 ? '1 entry' : `${entries.length} entries`}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    found = code === 'ENOTDIR' ? 'a file' : `a folder that cannot be read (${code})`;
  }
  throw new TransfuseError({
    code: 'file.unwritable',
    place: folder,
    found,
    expected: 'no such folder yet, or an empty one',
    mend: 'Choose another with --folder; nothing was written.',
  });
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    for (const [path, text] of files) {
      const place = join(folder, path);
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, text, { flag: 'wx' });
    }
  } catch (cause) {
    throw new TransfuseError({
      code: 'file.unwritable',
      place: folder,
      found: `a failure while writing (${(cause as NodeJS.ErrnoException).code})`,
      expected: 'a folder that can be written to',
      mend: 'Choose another with --folder.',
      cause,
    });
  }
}

/** The version of the core package that this command line works with. */
function coreVersion(): string {
  const content: unknown = createRequire(import.meta.url)('@transfuse/core/package.json');
  return (content as { readonly version: string }).version;
}
