// The command `inspect`: its arguments and options.
import type { Command } from 'commander';
import {
  addConfigOption,
  addReportingOptions,
  type ConfigOptions,
  type DebugOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `inspect` takes. */
export interface InspectOptions extends DebugOptions, JsonOptions, ConfigOptions {}

/** Adds the command. */
export function addInspectCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('inspect')
    .summary('say what is in a checkpoint')
    .description('Say what is in a checkpoint: sizes, parameters per part, adapters, training, files, memory needed.')
    .argument('<checkpoint>', 'the checkpoint folder');
  addReportingOptions(addConfigOption(command)).action(async (checkpoint: string, options: InspectOptions) => {
    const { runInspect } = await import('../inspect/run-inspect.ts');
    await runInspect(checkpoint, options, surroundings);
  });
}
