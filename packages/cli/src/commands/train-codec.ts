// The command `train-codec`: its arguments and options.
import type { Command } from 'commander';
import { parseCount } from '../arguments/number-argument.ts';
import {
  addEngineOptions,
  addReportingOptions,
  type DebugOptions,
  type EngineOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `train-codec` takes. */
export interface TrainCodecOptions extends DebugOptions, JsonOptions, EngineOptions {
  /** The run's folder; default `runs/<config name>`. */
  readonly out?: string;
  /** Replaces `train.steps`. */
  readonly steps?: number;
}

/** Adds the command. */
export function addTrainCodecCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('train-codec')
    .summary('train an autoencoder of pictures, for models on latents')
    .description(
      'Train an autoencoder on the pictures of a data set, so that a model can work on its latents instead of pixels.\n\n' +
        'The run’s folder gets codec/ (config.json and safetensors, as diffusers reads them), report.html, ' +
        'reconstructions.png and metrics.jsonl. Ctrl-C ends the training after the step in progress and writes what was ' +
        'learned; a second Ctrl-C ends at once.',
    )
    .argument('<config>', 'the configuration file: data, codec and train')
    .option('--out <folder>', 'the run’s folder (default: runs/<name of the configuration>)')
    .option('--steps <count>', 'train this many steps, whatever the configuration says', parseCount);
  addReportingOptions(addEngineOptions(command)).action(async (config: string, options: TrainCodecOptions) => {
    const { runTrainCodec } = await import('../train-codec/run-train-codec.ts');
    await runTrainCodec(config, options, surroundings);
  });
}
