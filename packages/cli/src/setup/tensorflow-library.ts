// A TensorFlow library to build against, as it lies in a folder: the C library with its headers. It comes in two forms:
// the archive of the TensorFlow project (`lib/libtensorflow.so.2`, `include/`), and the Python package, whose
// `libtensorflow_cc.so.2` exports the same functions (the C API and the eager C API) and which has the headers too.
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setupFailure } from './setup-failure.ts';

/** A library, its headers, and what its folder says of it. */
export interface TensorflowLibrary {
  /** The folder it was found in. */
  readonly folder: string;
  /** The library itself, and the one it shares its core with. */
  readonly files: readonly [string, string];
  /** The folder of its headers. */
  readonly headers: string;
  /** Undefined where the folder does not say; the library itself says it once loaded. */
  readonly version?: string;
  /** Whether it can use NVIDIA GPUs; undefined where the folder does not say. */
  readonly cuda?: boolean;
  /** The CUDA version it was built with, and the GPU generations it holds code for (`sm_80` …). */
  readonly cudaBuild?: string;
}

/** Looks at a folder; undefined where it holds no library. Throws `engine.unavailable` where it holds one of no use. */
export function readTensorflowLibrary(
  folder: string,
  machine: { readonly platform: string; readonly architecture: string },
): TensorflowLibrary | undefined {
  for (const root of [folder, join(folder, 'tensorflow')]) {
    const files = findFiles(root, machine.platform);
    if (!files) continue;
    checkArchitecture(files[0], machine);
    const headers = [join(root, 'include'), join(dirname(root), 'include')].find((place) =>
      existsSync(join(place, 'tensorflow', 'c', 'eager', 'c_api.h')),
    );
    if (headers === undefined) throw withoutHeaders(root);
    return { folder: root, files, headers, ...readPythonVersion(root), ...readPythonBuild(root) };
  }
  return undefined;
}

/** `libtensorflow_cc.so.2` and its like, with the framework library beside it. */
function findFiles(root: string, platform: string): readonly [string, string] | undefined {
  const endings = platform === 'darwin' ? ['.2.dylib', '.dylib'] : ['.so.2', '.so'];
  for (const place of [root, join(root, 'lib')]) {
    for (const stem of ['libtensorflow', 'libtensorflow_cc']) {
      for (const ending of endings) {
        const files = [join(place, stem + ending), join(place, `libtensorflow_framework${ending}`)] as const;
        if (files.every((file) => existsSync(file))) return files;
      }
    }
  }
  return undefined;
}

/** The machine codes of the ELF format (bytes 18 and 19 of the header), by Node's name of the architecture. */
const elfMachines: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };

function checkArchitecture(file: string, machine: { readonly platform: string; readonly architecture: string }): void {
  if (machine.platform !== 'linux') return;
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, header, 0, header.length, 0);
  closeSync(descriptor);
  const isLibrary = length === header.length && header.subarray(0, 4).toString('latin1') === '\x7fELF';
  const wanted = elfMachines[machine.architecture];
  const machineCode = header.readUInt16LE(18);
  if (isLibrary && machineCode === wanted) return;
  const names = Object.entries(elfMachines).map(([name, code]) => [code, name] as const);
  throw setupFailure(
    file,
    isLibrary
      ? `a library for ${new Map(names).get(machineCode) ?? `machine type ${machineCode}`}`
      : 'a file that is no shared library',
    `a shared library for ${machine.platform} ${machine.architecture}`,
    'Get TensorFlow for this machine, for example with `pip install tensorflow`, and name its folder with --libtensorflow.',
  );
}

function withoutHeaders(root: string): Error {
  return setupFailure(
    root,
    'a TensorFlow library without its headers',
    'include/tensorflow/c/eager/c_api.h beside it',
    'Name a folder that has both: the unpacked archive of libtensorflow, or the folder `tensorflow` of the Python package.',
  );
}

/** The Python package's version, from the name of the folder that describes it. */
function readPythonVersion(root: string): { readonly version?: string } {
  if (basename(root) !== 'tensorflow') return {};
  const versions = readdirSync(dirname(root)).map(
    (name) => /^tensorflow(?:_cpu|_intel|_rocm)?-(\d[\w.]*)\.dist-info$/.exec(name)?.[1],
  );
  const version = versions.find((name) => name !== undefined);
  return version === undefined ? {} : { version };
}

/** How the Python package was built: a generated file of it says so. It is read as text; no Python runs. */
function readPythonBuild(root: string): Pick<TensorflowLibrary, 'cuda' | 'cudaBuild'> {
  const file = join(root, 'python', 'platform', 'build_info.py');
  if (!existsSync(file)) return {};
  const text = readFileSync(file, 'utf8');
  const cuda = /'is_cuda_build', (True|False)/.exec(text)?.[1];
  if (cuda === undefined) return {};
  const version = /'cuda_version', '([\d.]+)'/.exec(text)?.[1];
  const generations = [...(/'cuda_compute_capabilities', \[([^\]]*)\]/.exec(text)?.[1] ?? '').matchAll(/'(\w+)'/g)];
  return {
    cuda: cuda === 'True',
    ...(version !== undefined && {
      cudaBuild: `CUDA ${version}${generations.length ? ` for ${generations.map(([, name]) => name).join(', ')}` : ''}`,
    }),
  };
}
