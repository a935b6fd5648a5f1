// The command `train-codec`: its arguments and options.
import type { Command } from 'commander';
import { parseCount, parseNumber } from '../arguments/number-argument.ts';
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
  /** Replaces `train.perceptual.folder`. */
  readonly perceptual?: string;
  /** Replaces `train.perceptual.weight`. */
  readonly perceptualWeight?: number;
  /** Replaces `train.gan.weight`; 0 leaves the discriminator out. */
  readonly ganWeight?: number;
  /** Replaces `train.gan.start`. */
  readonly ganStart?: number;
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
    .option('--steps <count>', 'train this many steps, whatever the configuration says', parseCount)
    .option('--perceptual <folder>', 'compare pictures by LPIPS too: safetensors of VGG16 and its weights')
    .option('--perceptual-weight <weight>', 'weight of that distance (default: 1)', parseNumber)
    .option('--gan-weight <weight>', 'train against a discriminator, with this weight (default: 0.5)', parseNumber)
    .option('--gan-start <step>', 'the first step with it (default: after half of the steps)', parseCount);
  addReportingOptions(addEngineOptions(command)).action(async (config: string, options: TrainCodecOptions) => {
    const { runTrainCodec } = await import('../train-codec/run-train-codec.ts');
    await runTrainCodec(config, options, surroundings);
  });
}
