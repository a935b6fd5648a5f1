// Installs the official package: @tensorflow/tfjs-node or -gpu with its own install script, which downloads a TensorFlow
// library of 2022 and a binding compiled for it. npm works in a folder beside the one that the package is meant for, and
// only what is complete takes its place: whoever looks there never finds half a package.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findNativeTensorflow, nativeTensorflowFolder, nativeTensorflowVariable } from '@transfuse/core/engine';
import type { Machine, ProgramResult } from './machine.ts';
import { findConnectionProblem, tellingNpmLine } from './npm-messages.ts';
import { prepareFolder, tfjsNode } from './package-sources.ts';
import { setupFailure } from './setup-failure.ts';

/** What is to be installed, and where. */
export interface OfficialRequest {
  /** The folder that the user names; by default the one below the project's `.transfuse`. */
  readonly into?: string;
  /** For `gpu` it is another package. */
  readonly device: 'any' | 'gpu';
  /** Ends npm, with all that it started. */
  readonly signal: AbortSignal;
}

/** A package that was installed, complete, and is yet to be tried. */
export interface OfficialPackage {
  /** Its name and version. */
  readonly title: string;
  readonly folder: string;
  /** Takes it away again, because it does not work, and puts back what was there before, if anything. */
  takeBack(): void;
  /** Forgets what was there before. */
  keep(): void;
}

/** With retries, since what npm started may write for another moment after it was killed. */
const completely = { recursive: true, force: true, maxRetries: 5 } as const;

/** Installs the package. Throws `engine.unavailable` where that fails, with nothing left of it. */
export async function installOfficialPackage(request: OfficialRequest, machine: Machine): Promise<OfficialPackage> {
  const name = request.device === 'gpu' ? `${tfjsNode.name}-gpu` : tfjsNode.name;
  const root = resolve(machine.project, request.into ?? nativeTensorflowFolder);
  if (request.into !== undefined) checkReplaceable(root);
  const [unfinished, previous] = [`${root}.transfuse-unfinished`, `${root}.transfuse-previous`];
  rmSync(unfinished, completely); // a run that was killed left it
  if (existsSync(previous)) {
    rmSync(root, completely); // that run put something here that it has not tried to the end
    renameSync(previous, root);
  }
  try {
    await installWithScript(name, unfinished, request.signal, machine);
    if (existsSync(root)) renameSync(root, previous);
    renameSync(unfinished, root);
  } finally {
    rmSync(unfinished, completely);
    if (existsSync(previous) && !existsSync(root)) renameSync(previous, root);
  }
  return {
    title: `${name} ${tfjsNode.version}`,
    folder: join(root, 'node_modules', name),
    takeBack() {
      rmSync(root, completely);
      if (existsSync(previous)) renameSync(previous, root);
    },
    keep: () => rmSync(previous, completely),
  };
}

/** A folder is replaced as a whole, so one that the user names must be empty, or filled by an earlier setup. */
function checkReplaceable(root: string): void {
  if (!existsSync(root) || readdirSync(root).length === 0) return;
  const [manifest, ignored] = [join(root, 'package.json'), join(root, '.gitignore')];
  if (existsSync(manifest) && existsSync(ignored) && readFileSync(ignored, 'utf8') === '*\n') return;
  throw setupFailure(
    root,
    `${root} holds other things already`,
    'an empty folder, or none, for the official package',
    'Name another one with --into.',
  );
}

async function installWithScript(name: string, into: string, signal: AbortSignal, machine: Machine): Promise<void> {
  // Newer versions of npm run install scripts of no package but those that the project names.
  prepareFolder(into, machine.project, { private: true, allowScripts: { [name]: true } });
  const wanted = `${name}@${tfjsNode.version}`;
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', wanted];
  const result = await machine.run('npm', args, { folder: into, signal });
  const [place] = findNativeTensorflow({ project: into, environment: { [nativeTensorflowVariable]: into } });
  if (result.code === 0 && place?.built) return;
  throw setupFailure(
    `npm install ${wanted}`,
    result.code === 0 ? 'npm ran no install script, or one that left no compiled binding' : describeFailure(result),
    'the package with the binding and the TensorFlow library that its install script downloads',
    'Run the same npm command by hand to see the whole message, or build the binding with --libtensorflow.',
    result.stderr,
  );
}

function describeFailure({ signal, stderr }: ProgramResult): string {
  if (signal === 'ENOENT') return 'no program npm';
  const missed = findConnectionProblem(stderr);
  if (missed) return `no way to ${missed.host ?? 'the registry'}: ${missed.code}`;
  return signal === null ? `its installation fails: ${tellingNpmLine(stderr)}` : `npm ended by ${signal}`;
}
