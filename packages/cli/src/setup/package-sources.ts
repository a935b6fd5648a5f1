// Gets the JavaScript and the C++ sources of @tensorflow/tfjs-node for a build, with npm from the registry it is
// configured for. The install scripts of packages do not run: where the one of this package serves (it downloads a
// TensorFlow of 2022), official-package.ts has let it run, and nothing is built.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findNativeTensorflow, nativeTensorflowFolder } from '@transfuse/core/engine';
import type { Machine } from './machine.ts';
import { findConnectionProblem } from './npm-messages.ts';
import { setupFailure, tellingLine } from './setup-failure.ts';

/** The package and the version that fits the TensorFlow.js of Transfuse. */
export const tfjsNode = { name: '@tensorflow/tfjs-node', version: '4.22.0' } as const;

/** A package to build the binding of. */
export interface PackageSources {
  readonly folder: string;
  /** Whether it was there before. */
  readonly state: 'kept' | 'installed';
}

/** Where the package is, or is to be. */
export interface SourcesPlan {
  /** The package's folder. */
  readonly folder: string;
  /** The folder npm installs it in; undefined where it is there already. */
  readonly into?: string;
}

/**
 * Decides where the binding is built: in the folder that the user names; else in a package that waits for it, set up
 * earlier or installed without its script; else below the project's `.transfuse`.
 */
export function planSources(into: string | undefined, { project, environment }: Machine): SourcesPlan {
  if (into === undefined) {
    const waiting = findNativeTensorflow({ project, environment }).find(
      ({ origin, built, version }) => version === tfjsNode.version && (origin === 'set up' || !built),
    );
    if (waiting) return { folder: waiting.folder };
  }
  const root = resolve(project, into ?? nativeTensorflowFolder);
  const folder = join(root, 'node_modules', tfjsNode.name);
  return versionIn(folder) === tfjsNode.version ? { folder } : { folder, into: root };
}

/** Carries the plan out. Throws `engine.unavailable` where that fails. */
export async function getSources({ folder, into }: SourcesPlan, machine: Machine): Promise<PackageSources> {
  if (into === undefined) return { folder: checkSources(folder), state: 'kept' };
  prepareFolder(into, machine.project);
  const wanted = `${tfjsNode.name}@${tfjsNode.version}`;
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', wanted];
  const { code, signal, stderr } = await machine.run('npm', args, { folder: into });
  if (code !== 0) throw npmFailure(wanted, signal, stderr);
  return { folder: checkSources(folder), state: 'installed' };
}

/** Makes the folder a project of its own, that Git leaves alone and that has the registry of this one; unless it is one. */
export function prepareFolder(folder: string, project: string, content: object = { private: true }): void {
  try {
    mkdirSync(folder, { recursive: true });
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) return;
    writeFileSync(manifest, `${JSON.stringify(content, null, 2)}\n`);
    writeFileSync(join(folder, '.gitignore'), '*\n');
    const [settings, ours] = [join(project, '.npmrc'), join(folder, '.npmrc')];
    if (existsSync(settings) && !existsSync(ours)) symlinkSync(settings, ours);
  } catch (cause) {
    const found = `a folder that cannot be written (${(cause as Error).message})`;
    throw setupFailure(folder, found, 'a folder to install into', 'Name another one with --into.', cause);
  }
}

function npmFailure(wanted: string, signal: string | null, stderr: string): Error {
  if (signal === 'ENOENT') {
    const mend = 'Install npm, which comes with Node.js from nodejs.org.';
    return setupFailure('npm', 'no such program', 'npm, to get the package with', mend);
  }
  const offline = findConnectionProblem(stderr);
  if (offline) {
    return setupFailure(
      `npm install ${wanted}`,
      `no way to the registry (${offline.code})`,
      'a registry that npm can reach',
      'Look at `npm config get registry` and at the network; or install the package elsewhere with --ignore-scripts and name that folder with --into.',
      stderr,
    );
  }
  return setupFailure(
    `npm install ${wanted}`,
    `a failure (${tellingLine(stderr)})`,
    'the package with its sources',
    'Run the same npm command by hand to see the whole message.',
    stderr,
  );
}

/** A package without sources was packed by somebody else. */
function checkSources(folder: string): string {
  if (existsSync(join(folder, 'binding', 'tfjs_backend.cc')) && existsSync(join(folder, 'dist', 'index.js')))
    return folder;
  throw setupFailure(
    folder,
    'a package without binding/tfjs_backend.cc or dist/index.js',
    `${tfjsNode.name} ${tfjsNode.version} as it is published`,
    'Remove that folder and run this again, or name another one with --into.',
  );
}

function versionIn(folder: string): string | undefined {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version : undefined;
}
