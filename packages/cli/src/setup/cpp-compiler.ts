// Finds a C++ compiler: the one that CXX names, else the usual ones.
import type { Machine } from './machine.ts';
import { setupFailure } from './setup-failure.ts';

/** A compiler, as a program with arguments that always go first. */
export interface CppCompiler {
  readonly program: string;
  readonly args: readonly string[];
  /** The first line of what it says of itself. */
  readonly version: string;
}

/** Finds the compiler. Throws `engine.unavailable` where none runs. */
export async function findCppCompiler(machine: Machine): Promise<CppCompiler> {
  const chosen = machine.environment['CXX']?.trim();
  for (const command of chosen ? [chosen] : ['c++', 'g++', 'clang++']) {
    const [program = '', ...args] = command.split(/\s+/);
    const { code, stdout } = await machine.run(program, [...args, '--version']);
    if (code === 0) return { program, args, version: stdout.trim().split('\n')[0] ?? program };
  }
  throw setupFailure(
    chosen ? 'CXX' : 'C++ compiler',
    chosen ? `"${chosen}", which does not run` : 'none of c++, g++ and clang++',
    'a compiler for C++17',
    'Install one (`apt-get install g++`, `dnf install gcc-c++`, `xcode-select --install`), or name yours in CXX.',
  );
}
