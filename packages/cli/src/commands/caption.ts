// The command `caption`: its arguments and options.
import type { Command } from 'commander';
import { parseCount, parseNumber } from '../arguments/number-argument.ts';
import {
  addConfigOption,
  addEngineOptions,
  addReportingOptions,
  type ConfigOptions,
  type DebugOptions,
  type EngineOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import { addWeightsOption, type WeightsOption } from '../export/weights-option.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `caption` takes. */
export interface CaptionOptions extends DebugOptions, JsonOptions, EngineOptions, ConfigOptions, WeightsOption {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
}

/** Adds the command. */
export function addCaptionCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('caption')
    .summary('describe pictures')
    .description('Describe pictures with a trained model: one line per picture, its path, a tab, its caption.')
    .argument('<checkpoint>', 'the checkpoint folder')
    .argument('<image...>', 'picture files')
    .option('--max-tokens <count>', 'most tokens of a caption (default: 256)', parseCount)
    .option('--temperature <number>', 'of the choice of tokens (default: 0, the likeliest)', parseNumber)
    .option('--seed <number>', 'decides every random choice (default: 0)', parseNumber);
  addReportingOptions(addWeightsOption(addEngineOptions(addConfigOption(command)))).action(
    async (checkpoint: string, images: readonly string[], options: CaptionOptions) => {
      const { runCaption } = await import('../generate/run-caption.ts');
      await runCaption({ checkpoint, images }, options, surroundings);
    },
  );
}
