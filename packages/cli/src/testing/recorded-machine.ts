// A machine for tests of `transfuse setup`: programs do not run, they are answered for; what was asked of them is kept.
import type { Machine, ProgramResult } from '../setup/machine.ts';

/** One program that was run. */
export interface RecordedCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A machine under a test's control. */
export interface RecordedMachine extends Machine {
  readonly calls: readonly RecordedCall[];
}

/** Settings of {@link recordMachine}. */
export interface RecordedMachineOptions extends Partial<Omit<Machine, 'run'>> {
  /** The folder that stands for the whole machine: its project and its home. */
  readonly project: string;
  /** Answers a program; undefined means that there is no such program. */
  readonly answer?: (call: RecordedCall) => Partial<ProgramResult> | undefined;
}

/** Makes a Linux machine of the x64 architecture, without any program unless `answer` knows it. */
export function recordMachine({ answer, ...machine }: RecordedMachineOptions): RecordedMachine {
  const calls: RecordedCall[] = [];
  return {
    platform: 'linux',
    architecture: 'x64',
    node: { path: `${machine.project}/node/bin/node`, version: '20.20.2', nodeApi: 9 },
    home: machine.project,
    environment: {},
    ...machine,
    calls,
    async run(program, args, options = {}) {
      const call = { program, args, ...options };
      calls.push(call);
      const result = answer?.(call);
      if (result === undefined) return { code: null, signal: 'ENOENT', stdout: '', stderr: '' };
      return { code: 0, signal: null, stdout: '', stderr: '', ...result };
    },
  };
}
