// What `transfuse setup` touches of the machine: programs it runs, and where to look for things. Tests hand in a machine
// that records and answers instead.
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';

/** How a program ended. */
export interface ProgramResult {
  /** The exit code, or null where a signal ended it or it is not there. */
  readonly code: number | null;
  /** The signal that ended it, or `ENOENT` where there is no such program. */
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine as `setup` sees it. */
export interface Machine {
  /** `linux`, `darwin`, `win32` … as in `process.platform`. */
  readonly platform: string;
  /** `x64`, `arm64` … as in `process.arch`. */
  readonly architecture: string;
  /** The Node.js that runs this. */
  readonly node: { readonly path: string; readonly version: string; readonly nodeApi: number };
  /** The working directory. */
  readonly project: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs a program to its end; never throws. Variables are added to the environment. */
  run(
    program: string,
    args: readonly string[],
    options?: { readonly folder?: string; readonly variables?: Readonly<Record<string, string>> },
  ): Promise<ProgramResult>;
}

/** The machine this process runs on. */
export function realMachine(): Machine {
  return {
    platform: process.platform,
    architecture: process.arch,
    node: { path: process.execPath, version: process.versions.node, nodeApi: Number(process.versions['napi']) },
    project: process.cwd(),
    home: homedir(),
    environment: process.env,
    run: (program, args, { folder, variables } = {}) =>
      new Promise((resolve) => {
        const child = spawn(program, args, {
          ...(folder !== undefined && { cwd: folder }),
          env: { ...process.env, ...variables },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let [stdout, stderr] = ['', ''];
        child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
        child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
        child.on('error', ({ code = 'ENOENT', message }: NodeJS.ErrnoException) =>
          resolve({ code: null, signal: code, stdout, stderr: message }),
        );
        child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
      }),
  };
}
