// The command `setup`: its arguments and options.
import { Argument, type Command } from 'commander';
import { addReportingOptions, type DebugOptions, type JsonOptions } from '../arguments/shared-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `setup` takes. */
export interface SetupOptions extends DebugOptions, JsonOptions {
  readonly gpu?: true;
  /** A folder with a TensorFlow library. */
  readonly libtensorflow?: string;
  /** The folder that npm installs the package in. */
  readonly into?: string;
}

/** Adds the command. */
export function addSetupCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('setup')
    .summary('set up what a part needs on this machine')
    .description(
      'Set native TensorFlow up for TensorFlow.js: find one that works, else try the official package, else (and with ' +
        '--libtensorflow at once) build the binding of @tensorflow/tfjs-node against a TensorFlow library of this ' +
        'machine. A training step on it is the proof.',
    )
    .addArgument(new Argument('<part>', 'what to set up').choices(['tfjs-node']))
    .option('--gpu', 'ask for a TensorFlow that uses an NVIDIA GPU')
    .option('--libtensorflow <folder>', 'the library: an unpacked libtensorflow, or the Python package’s folder')
    .option('--into <folder>', 'install the package in this folder (default: .transfuse/tfjs-node)');
  addReportingOptions(command).action(async (_part: 'tfjs-node', options: SetupOptions) => {
    const { runSetup } = await import('../setup/run-setup.ts');
    await runSetup(options, surroundings);
  });
}
