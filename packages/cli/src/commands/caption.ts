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
    .summary('describe pictures, sounds and clips')
    .description(
      'Describe files with a trained model: one line per file, its path, a tab, its caption.\n\n' +
        'A file is a picture (.png, .jpg, .webp, .avif, .gif, .tiff, .svg), a sound (.wav, .flac, .ogg, .mp3) or a clip ' +
        '(.webp, .gif, .mp4, .webm, .mov, .mkv); where an ending could be either, it is what the model has, or what ' +
        'image:PATH, audio:PATH or video:PATH says. A value of another modality of the model is NAME:PATH, with a JSON file ' +
        'as generate saves it.',
    )
    .argument('<checkpoint>', 'the checkpoint folder')
    .argument('<file...>', 'pictures, sounds or clips')
    .option('--max-tokens <count>', 'most tokens of a caption (default: 256)', parseCount)
    .option('--temperature <number>', 'of the choice of tokens (default: 0, the likeliest)', parseNumber)
    .option('--seed <number>', 'decides every random choice (default: 0)', parseNumber);
  addReportingOptions(addWeightsOption(addEngineOptions(addConfigOption(command)))).action(
    async (checkpoint: string, files: readonly string[], options: CaptionOptions) => {
      const { runCaption } = await import('../generate/run-caption.ts');
      await runCaption({ checkpoint, files }, options, surroundings);
    },
  );
}
