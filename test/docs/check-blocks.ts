// Type-checks the written examples with the compiler the packages are built with, as a reader's editor would.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { blocksFolder } from './run-block.ts';

const compilerOptions = {
  noEmit: true,
  composite: false,
  declaration: false,
  declarationMap: false,
  sourceMap: false,
  noUncheckedIndexedAccess: false,
  allowImportingTsExtensions: true,
  rewriteRelativeImportExtensions: false,
  customConditions: ['@transfuse/source'],
};

/** The compiler's complaints about the examples of one group of pages, one per line; empty where there are none. */
export async function typeErrorsIn(group: string): Promise<string[]> {
  const folder = join(blocksFolder, group);
  const project = join(folder, 'tsconfig.json');
  const base = relative(folder, join(blocksFolder, '..', '..', '..', 'tsconfig.base.json'));
  await writeFile(project, JSON.stringify({ extends: base, compilerOptions, include: ['**/*.ts'] }));
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const output = await promisify(execFile)(process.execPath, [compiler, '--pretty', 'false', '-p', project], {
    cwd: folder,
  }).then(
    () => '',
    (error: { stdout?: string }) => error.stdout ?? String(error),
  );
  // The packages' own sources are checked elsewhere.
  return output.split('\n').filter((line) => line.includes(': error ') && !line.startsWith('..'));
}
