// What `transfuse new` makes works outside this repository: the core package is packed as npm would publish it and
// unpacked beside a new package, which then builds with tsc and passes its own tests. Other packages are linked, and only
// those that a package.json names, so a dependency that is not declared is missed.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { templateKinds } from '../packages/cli/src/new/template-kind.ts';
import { runProgram } from '../packages/cli/src/program.ts';
import { recordSurroundings } from '../packages/cli/src/testing/recorded-surroundings.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);
let place: string;

/** Runs a program in a folder; what it printed is in the error where it fails. */
async function runIn(folder: string, program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined };
  try {
    return (await run(program, args, { cwd: folder, env, maxBuffer: 1e8 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'transfuse-templates-'));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await runIn(root, process.execPath, compiler, '-b', 'packages/core');
  const packed = await runIn(root, 'npm', 'pack', '-w', 'packages/core', '--json', '--pack-destination', place);
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const core = join(place, 'node_modules', '@transfuse', 'core');
  await mkdir(core, { recursive: true });
  await runIn(core, 'tar', '-xzf', join(place, filename), '--strip-components=1');
  await link(Object.keys((await manifestOf(core)).dependencies ?? {}));
});
afterAll(() => rm(place, { recursive: true, force: true }));

/** Links installed packages where every new package finds them. */
async function link(names: readonly string[], into = place): Promise<void> {
  for (const name of names) {
    const target = join(into, 'node_modules', name);
    await mkdir(dirname(target), { recursive: true });
    await symlink(join(root, 'node_modules', name), target, 'junction').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

describe.each(templateKinds)('a new %s', (kind) => {
  const folder = () => join(place, kind);

  it('builds with tsc and passes its own tests against the packed core package', async () => {
    const made = await runProgram(['new', kind, `my-${kind}`, '--folder', folder()], recordSurroundings());
    expect(made).toBe(0);
    const { dependencies, peerDependencies, devDependencies } = await manifestOf(folder());
    const declared = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies });
    expect(declared).toContain('@transfuse/core');
    await link(
      declared.filter((name) => name !== '@transfuse/core'),
      folder(),
    );
    await mkdir(join(folder(), 'node_modules', '.bin'));
    await symlink('../typescript/bin/tsc', join(folder(), 'node_modules', '.bin', 'tsc'));
    const output = await runIn(folder(), 'npm', 'test');
    expect(output).toMatch(/pass [1-9]\d*\b/);
    expect(output).toMatch(/fail 0\b/);
  });

  it('packs what it exports, and its tests stay at home', async () => {
    const packed = await runIn(folder(), 'npm', 'pack', '--dry-run', '--json');
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/src/index.js', 'dist/src/index.d.ts']),
    );
    expect(paths.filter((path) => path.includes('test'))).toEqual([]);
  });

  it('is a plugin that a host takes', async () => {
    const script = `
      import { createHost } from '@transfuse/core';
      import plugin from 'my-${kind}';
      const engine = { name: 'none', description: '', dispose: async () => {} };
      const host = await createHost({ plugins: [plugin], engine });
      const [{ kind, name }] = host.contributions();
      const made = await host.create(kind, name);
      console.log(name, made.name ?? made.modality);
      await host.dispose();`;
    await link([], folder());
    await symlink(folder(), join(folder(), 'node_modules', `my-${kind}`), 'junction');
    const printed = await runIn(folder(), process.execPath, '--input-type=module', '--eval', script);
    expect(printed.trim()).toBe(`my-${kind} my-${kind}`);
  });
});

describe('the command line', () => {
  it('packs the templates', async () => {
    const packed = await runIn(root, 'npm', 'pack', '-w', 'packages/cli', '--dry-run', '--json');
    const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    for (const kind of templateKinds) {
      for (const file of ['package.json', 'README.md', 'src/index.ts', 'test/template-name.test.ts']) {
        expect(paths).toContain(`templates/${kind}/${file}`);
      }
    }
    for (const file of ['gitignore', 'LICENSE', 'tsconfig.json']) expect(paths).toContain(`templates/shared/${file}`);
  });
});
