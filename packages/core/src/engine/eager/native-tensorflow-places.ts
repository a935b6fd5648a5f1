/**
 * Where native TensorFlow for TensorFlow.js may lie: the folders of `@tensorflow/tfjs-node` and
 * `@tensorflow/tfjs-node-gpu` that this process can reach, best first. Reads package files only, loads nothing. A
 * package is the folder of its JavaScript; what makes it run is its binding, a compiled library that the package itself
 * downloads on installation or that `transfuse setup tfjs-node` builds.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** The environment variable that names a folder to take native TensorFlow from, before all others. */
export const nativeTensorflowVariable = 'TRANSFUSE_TFJS_NODE';
/** The folder below a project's that `transfuse setup tfjs-node` builds in. */
export const nativeTensorflowFolder = join('.transfuse', 'tfjs-node');

const packageNames = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const;

/** A folder of `@tensorflow/tfjs-node` or `-gpu`. */
export interface NativeTensorflowPlace {
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly name: string;
  /** The package's own version, for example `4.22.0`. */
  readonly version: string;
  /** The package's folder. */
  readonly folder: string;
  /** What led here: the environment variable, a folder that was set up, or a package installed in the ordinary way. */
  readonly origin: 'variable' | 'set up' | 'installed';
  /** Where this Node.js looks for the compiled binding of the package. */
  readonly binding: string;
  /** Whether the binding is there. */
  readonly built: boolean;
}

/** Where to look from. */
export interface NativeTensorflowSearch {
  /** The project's folder; it and the folders around it are searched. Default: the working directory. */
  readonly project?: string;
  /** Default: the environment of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Finds every reachable package, best first: what `TRANSFUSE_TFJS_NODE` names (a package's folder, or one that holds it
 * in `node_modules`; nothing else counts then), what was set up in the project, what is installed.
 */
export function findNativeTensorflow(options: NativeTensorflowSearch = {}): readonly NativeTensorflowPlace[] {
  const { project = process.cwd(), environment = process.env } = options;
  const named = environment[nativeTensorflowVariable];
  if (named) return placesIn(resolve(project, named), 'variable');
  const setUp = foldersAround(project).flatMap((folder) => placesIn(join(folder, nativeTensorflowFolder), 'set up'));
  const installed = [join(resolve(project), 'package.json'), import.meta.url].flatMap(installedPlaces);
  const seen = new Set<string>();
  return [...setUp, ...installed].filter(({ folder }) => !seen.has(folder) && seen.add(folder));
}

/** The packages in a folder: itself, or those in its `node_modules`. */
function placesIn(folder: string, origin: NativeTensorflowPlace['origin']): readonly NativeTensorflowPlace[] {
  return [folder, ...packageNames.map((name) => join(folder, 'node_modules', name))].flatMap((candidate) =>
    describePlace(candidate, origin),
  );
}

function installedPlaces(from: string): readonly NativeTensorflowPlace[] {
  const { resolve: resolvePackage } = createRequire(from);
  return packageNames.flatMap((name) => {
    try {
      return describePlace(dirname(resolvePackage(`${name}/package.json`)), 'installed');
    } catch {
      return []; // not installed as seen from there
    }
  });
}

function describePlace(folder: string, origin: NativeTensorflowPlace['origin']): readonly NativeTensorflowPlace[] {
  const manifest = readManifest(join(folder, 'package.json'));
  if (!manifest || !packageNames.some((name) => name === manifest.name)) return [];
  const { name, version, binary } = manifest;
  const path = binary.module_path.replace('{napi_build_version}', String(nodeApiVersion(binary.napi_versions)));
  const binding = resolve(folder, path, `${binary.module_name}.node`);
  return [{ name, version, folder, origin, binding, built: existsSync(binding) }];
}

/** The newest version of Node's binary interface that both the package and this Node.js know. */
function nodeApiVersion(offered: readonly number[]): number {
  const known = Number(process.versions['napi'] ?? 8);
  return Math.max(...offered.filter((version) => version <= known));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  /** Where the package's loader (node-pre-gyp) finds the binding. */
  readonly binary: {
    readonly module_name: string;
    readonly module_path: string;
    readonly napi_versions: readonly number[];
  };
}

function readManifest(file: string): Manifest | undefined {
  try {
    const { name, version, binary } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Manifest>;
    return name && version && binary?.module_path && binary.napi_versions ? { name, version, binary } : undefined;
  } catch {
    return undefined; // no package here
  }
}

/** A folder and all that contain it, from the inside out. */
function foldersAround(folder: string): readonly string[] {
  const inner = resolve(folder);
  const outer = dirname(inner);
  return outer === inner ? [inner] : [inner, ...foldersAround(outer)];
}
