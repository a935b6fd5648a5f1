// The command line as tests run it: in this process, with all that it writes kept. Beside that, a temporary folder in
// which it trains a model, for tests that ask its other commands about what training left there.
import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../program.ts';
import { recordSurroundings } from './recorded-surroundings.ts';

/** How a run of the command line ended, and all that it wrote. */
export interface ProgramRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder for one training run; nothing is written before {@link TrainingFolder.train}. */
export interface TrainingFolder {
  readonly folder: string;
  /** The configuration that was trained with. */
  readonly configFile: string;
  /** What training wrote: checkpoint, samples, metrics and report. */
  readonly out: string;
  readonly checkpoint: string;
  /** Makes the folder, writes the configuration and other files, by name, into it, and runs `transfuse train`. */
  readonly train: (config: object, files?: Readonly<Record<string, string>>) => Promise<ProgramRun>;
  /** Runs `transfuse generate` with the checkpoint and its configuration; what it makes is saved in the folder. */
  readonly generate: (...args: string[]) => Promise<ProgramRun>;
  /** Runs `transfuse caption` with the checkpoint and its configuration. */
  readonly caption: (...args: string[]) => Promise<ProgramRun>;
  /** Deletes the folder and all in it. */
  readonly remove: () => Promise<void>;
}

/** Runs the command line with these words. */
export async function transfuse(...args: string[]): Promise<ProgramRun> {
  const surroundings = recordSurroundings();
  const exitCode = await runProgram(args, surroundings);
  return { exitCode, ...surroundings.written };
}

/** The lines of what was written. */
export function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** What was written as one JSON object a line. */
export function jsonLinesOf(text: string): Record<string, unknown>[] {
  return linesOf(text).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Settles where a run's files will lie: in a folder of its own, whose name holds `name`, as the configuration's does. */
export function trainingFolder(name: string): TrainingFolder {
  const folder = join(tmpdir(), `transfuse-${name}-${randomUUID()}`);
  const configFile = join(folder, `${name}.config.json`);
  const out = join(folder, 'run');
  const checkpoint = join(out, 'checkpoint');
  return {
    folder,
    configFile,
    out,
    checkpoint,
    async train(config, files = {}) {
      await mkdir(folder);
      const contents = Object.entries({ ...files, [`${name}.config.json`]: JSON.stringify(config) });
      await Promise.all(contents.map(([file, content]) => writeFile(join(folder, file), content)));
      return transfuse('train', configFile, '--out', out);
    },
    generate: (...args) => transfuse('generate', checkpoint, '--config', configFile, '--out', folder, ...args),
    caption: (...args) => transfuse('caption', checkpoint, '--config', configFile, ...args),
    remove: () => rm(folder, { recursive: true }),
  };
}
