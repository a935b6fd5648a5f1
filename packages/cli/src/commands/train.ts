// The command `train`: its arguments and options.
import type { Command } from 'commander';
import { collect, parseCount } from '../arguments/number-argument.ts';
import {
  addEngineOptions,
  addReportingOptions,
  type DebugOptions,
  type EngineOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `train` takes. */
export interface TrainOptions extends DebugOptions, JsonOptions, EngineOptions {
  readonly resume?: true;
  /** The run's folder; default `runs/<config name>`. */
  readonly out?: string;
  /** Replaces `train.steps`. */
  readonly steps?: number;
  /** Whether `report.html` is written in the end. */
  readonly report: boolean;
  /** Texts to make samples of at every `train.sampleEvery`. */
  readonly sample?: readonly string[];
  /** Print where the time of the first so many steps went; `true` is 20. */
  readonly profile?: number | true;
}

/** Adds the command. */
export function addTrainCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('train')
    .summary('train the model of a configuration file')
    .description(
      'Train the model that a configuration file (.ts, .js, .mjs or .json) describes.\n\n' +
        'The run’s folder gets checkpoint/, metrics.jsonl, events/ (for TensorBoard), report.html with the losses and ' +
        'with examples of what the model makes and writes, and, where train.sampleEvery is set, samples/: pictures as ' +
        'PNG, sounds as WAV, clips as animated WebP. Ctrl-C ends the run after the step in progress, with a checkpoint; a second Ctrl-C at once.',
    )
    .argument('[config]', 'the configuration file (default: transfuse.config.ts, .js, .mjs or .json)')
    .option('--out <folder>', 'the run’s folder (default: runs/<name of the configuration>)')
    .option('--resume', 'continue the run in that folder from its checkpoint')
    .option('--steps <count>', 'train this many steps in all, whatever the configuration says', parseCount)
    .option(
      '--sample <text>',
      'make a sample of this text at every train.sampleEvery; may be repeated (default: four captions of the data)',
      collect,
    )
    .option('--no-report', 'write no report when the training has ended, which saves the time of its examples')
    .option('--profile [steps]', 'print where the time of the first steps went (default: of 20)', parseCount);
  addReportingOptions(addEngineOptions(command)).action(async (config: string | undefined, options: TrainOptions) => {
    const { runTrain } = await import('../train/run-train.ts');
    await runTrain(config, options, surroundings);
  });
}
