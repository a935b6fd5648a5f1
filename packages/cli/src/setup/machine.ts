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
  /** Runs a program to its end; never throws. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<ProgramResult>;
}

/** How a program is run. */
interface RunOptions {
  readonly folder?: string;
  /** These are added to the environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Ends the program by `SIGKILL`, with every program that it started. */
  readonly signal?: AbortSignal;
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
    run: runProgram,
  };
}

function runProgram(
  program: string,
  args: readonly string[],
  { folder, variables, signal: end }: RunOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...(folder !== undefined && { cwd: folder }),
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: end !== undefined, // as the head of a group of processes, which can be ended together
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
    const endGroup = () => killGroup(child.pid);
    const settle = (result: ProgramResult) => {
      end?.removeEventListener('abort', endGroup);
      resolve(result);
    };
    child.on('error', ({ code = 'ENOENT', message }: NodeJS.ErrnoException) =>
      settle({ code: null, signal: code, stdout, stderr: message }),
    );
    child.on('close', (code, signal) => settle({ code, signal, stdout, stderr }));
    end?.addEventListener('abort', endGroup);
    if (end?.aborted) endGroup();
  });
}

function killGroup(head: number | undefined): void {
  if (head === undefined) return; // it never started
  try {
    process.kill(-head, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}
