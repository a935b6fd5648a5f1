// Compiles the binding of tfjs-node: two C++ files of the package against a TensorFlow library and Node's headers, in one
// call of the compiler. Not with node-gyp, because its description of this package insists on the library's old name and
// on a copy in the package's own folder, and because it would fetch headers of Node.js from the network.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findNativeTensorflow, nativeTensorflowVariable } from '@transfuse/core/engine';
import type { CppCompiler } from './cpp-compiler.ts';
import type { Machine } from './machine.ts';
import { setupFailure, tellingLine } from './setup-failure.ts';
import type { TensorflowLibrary } from './tensorflow-library.ts';

/** What a binding is built from. */
export interface BindingParts {
  /** The folder of the package. */
  readonly folder: string;
  readonly library: TensorflowLibrary;
  /** The folder with `node_api.h`. */
  readonly nodeHeaders: string;
  readonly compiler: CppCompiler;
}

/** A binding that was built. */
export interface BuiltBinding {
  readonly path: string;
  /** Takes it away again, because it does not work, and puts back the one that was there before, if any. */
  takeBack(): void;
  /** Forgets the one that was there before. */
  keep(): void;
}

/** Builds the binding where the package looks for it. Throws `engine.unavailable` where the compiler fails. */
export async function buildBinding(parts: BindingParts, machine: Machine): Promise<BuiltBinding> {
  const [place] = findNativeTensorflow({
    project: machine.project,
    environment: { [nativeTensorflowVariable]: parts.folder },
  });
  const path = place!.binding;
  const [unfinished, previous] = [`${path}.unfinished`, `${path}.previous`];
  mkdirSync(dirname(path), { recursive: true });
  const args = [...parts.compiler.args, ...compilerArguments(parts, machine), '-o', unfinished];
  const { code, signal, stderr } = await machine.run(parts.compiler.program, args, { folder: parts.folder });
  if (code !== 0) {
    rmSync(unfinished, { force: true });
    throw compilerFailure(parts, stderr || `ended by ${signal}`);
  }
  if (existsSync(path)) renameSync(path, previous);
  renameSync(unfinished, path);
  return {
    path,
    takeBack() {
      rmSync(path);
      if (existsSync(previous)) renameSync(previous, path);
    },
    keep: () => rmSync(previous, { force: true }),
  };
}

/** The arguments, apart from the result's name. The library stays where it is: the binding remembers its folder. */
function compilerArguments({ library, nodeHeaders }: BindingParts, { platform, node }: Machine): readonly string[] {
  const bundle = platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared', '-fPIC'];
  // On Linux a function that the library lacks shall be missed when the binding is loaded, not when it is first called.
  const strict = platform === 'darwin' ? [] : ['-Xlinker', '-z', '-Xlinker', 'now'];
  return [
    '-std=c++17',
    '-O2',
    ...bundle,
    `-DNAPI_VERSION=${Math.min(8, node.nodeApi)}`,
    '-I',
    nodeHeaders,
    '-I',
    library.headers,
    join('binding', 'tfjs_backend.cc'),
    join('binding', 'tfjs_binding.cc'),
    ...library.files,
    '-Xlinker',
    '-rpath',
    '-Xlinker',
    dirname(library.files[0]),
    ...strict,
  ];
}

function compilerFailure({ library, compiler, folder }: BindingParts, messages: string): Error {
  const place = `${compiler.program} in ${folder}`;
  const missing = /fatal error: '?([^':\s]+)'?(?:: No such file| file not found)/.exec(messages)?.[1];
  if (missing !== undefined) {
    return setupFailure(
      place,
      `no header ${missing}`,
      'the headers of TensorFlow, of Node.js and of C++',
      /^(tensorflow|tsl|xla|absl)\//.test(missing)
        ? `Name a TensorFlow with complete headers with --libtensorflow; ${library.folder} lacks this one.`
        : 'Install the development files that the header belongs to (for C++ itself: `apt-get install g++`).',
      messages,
    );
  }
  if (/std=c\+\+17|C\+\+17/.test(tellingLine(messages))) {
    const mend = 'Install a newer compiler (GCC 9 or Clang 10 will do), and name it in CXX.';
    return setupFailure(place, `${compiler.version}, which has no C++17`, 'a compiler for C++17', mend, messages);
  }
  return setupFailure(
    place,
    `a failed build (${tellingLine(messages)})`,
    `the binding, built against ${library.folder}`,
    'Run it again with --debug to see all messages; another TensorFlow (--libtensorflow) or compiler (CXX) may do.',
    messages,
  );
}
