// Finds the TensorFlow library to build against: the folder that --libtensorflow names, else LIBTENSORFLOW_DIR, else the
// Python packages that `python3` would see (its search path is asked for; nothing is imported), else common places.
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Machine } from './machine.ts';
import { setupFailure } from './setup-failure.ts';
import { readTensorflowLibrary, type TensorflowLibrary } from './tensorflow-library.ts';

/** What is looked for. */
export interface LibrarySearch {
  /** The folder that the user names; nothing else counts then. */
  readonly folder?: string;
  /** Whether it must be able to use an NVIDIA GPU. */
  readonly device: 'any' | 'gpu';
}

/** Finds the library. Throws `engine.unavailable` where there is none of use, with how to get one. */
export async function findLibtensorflow(search: LibrarySearch, machine: Machine): Promise<TensorflowLibrary> {
  const named = search.folder ?? machine.environment['LIBTENSORFLOW_DIR'];
  if (named) {
    const place = search.folder === undefined ? 'LIBTENSORFLOW_DIR' : '--libtensorflow';
    return checkDevice(readNamed(resolve(machine.project, named), place, machine), search, place);
  }
  const libraries: TensorflowLibrary[] = [];
  const problems: unknown[] = [];
  for (const folder of await likelyFolders(machine)) {
    try {
      const library = readTensorflowLibrary(folder, machine);
      if (library) libraries.push(library);
    } catch (problem) {
      problems.push(problem);
    }
  }
  const [first] = libraries;
  if (search.device === 'any' && first) return first;
  const able = libraries.find(({ cuda }) => cuda) ?? libraries.find(({ cuda }) => cuda === undefined);
  if (able) return able;
  if (first) return checkDevice(first, search, first.folder);
  if (problems.length > 0) throw problems[0];
  throw setupFailure(
    'TensorFlow library',
    'none in the usual places',
    'a TensorFlow C library with its headers, or the Python package of TensorFlow 2',
    `Get one with \`${installCommand(search)}\`, or name its folder with --libtensorflow or LIBTENSORFLOW_DIR.`,
  );
}

/** How to get a library that can do what is asked for. */
function installCommand({ device }: LibrarySearch): string {
  return device === 'gpu' ? "pip install 'tensorflow[and-cuda]'" : 'pip install tensorflow-cpu';
}

function readNamed(folder: string, place: string, machine: Machine): TensorflowLibrary {
  const library = readTensorflowLibrary(folder, machine);
  if (library) return library;
  throw setupFailure(
    place,
    `${existsSync(folder) ? 'no TensorFlow library' : 'no such folder'} (${folder})`,
    'a folder with libtensorflow.so.2 and include/, or the folder `tensorflow` of the Python package',
    'Name such a folder. `pip show --files tensorflow-cpu` tells where the Python package lies.',
  );
}

function checkDevice(library: TensorflowLibrary, search: LibrarySearch, place: string): TensorflowLibrary {
  if (search.device !== 'gpu' || library.cuda !== false) return library;
  throw setupFailure(
    place,
    `a TensorFlow built without CUDA (${library.folder})`,
    'one that can use an NVIDIA GPU, because of --gpu',
    `Get one with \`${installCommand(search)}\`, or leave --gpu out.`,
  );
}

/** Where to look, likeliest first. */
async function likelyFolders(machine: Machine): Promise<readonly string[]> {
  const { environment, project, home } = machine;
  const interpreters = [
    ...[environment['VIRTUAL_ENV'], environment['CONDA_PREFIX'], join(project, '.venv'), join(project, 'venv')]
      .filter((folder) => folder !== undefined && folder !== '')
      .map((folder) => join(folder!, 'bin', 'python3'))
      .filter((file) => existsSync(file)),
    'python3',
  ];
  const python: string[] = [];
  for (const interpreter of interpreters) python.push(...(await pythonFolders(interpreter, machine)));
  const common = ['/usr/local', '/usr', '/opt/libtensorflow', '/opt/tensorflow', '/opt/homebrew'];
  return [...new Set([...python, ...common, join(home, 'libtensorflow'), join(home, '.local')])];
}

/** The folders that a Python would search for a package. */
async function pythonFolders(interpreter: string, machine: Machine): Promise<readonly string[]> {
  const { code, stdout } = await machine.run(interpreter, [
    '-c',
    `import sys; print(${JSON.stringify(delimiter)}.join(sys.path))`,
  ]);
  if (code !== 0) return []; // no Python, no Python packages
  return stdout
    .trim()
    .split(delimiter)
    .filter((folder) => folder !== '' && existsSync(join(folder, 'tensorflow')));
}
