// The command `generate`: its arguments and options.
import { type Command, Option } from 'commander';
import type { GuidanceConfig, NamedSettings, NoiseKind } from '@transfuse/core';
import { parseGuidance, parseNamed } from '../arguments/named-argument.ts';
import { collect, parseCount, parseNumber } from '../arguments/number-argument.ts';
import {
  addConfigOption,
  addEngineOptions,
  addReportingOptions,
  type ConfigOptions,
  type DebugOptions,
  type EngineOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import { parseSize, type SizeArgument } from '../arguments/size-argument.ts';
import { addWeightsOption, type WeightsOption } from '../export/weights-option.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `generate` takes. */
export interface GenerateCommandOptions extends DebugOptions, JsonOptions, EngineOptions, ConfigOptions, WeightsOption {
  readonly want?: readonly string[];
  readonly size?: SizeArgument;
  readonly out: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly guidance?: GuidanceConfig;
  readonly negative?: string;
  readonly sampler?: NamedSettings;
  readonly scheduler?: string;
  readonly stepCache?: NamedSettings;
  readonly noise?: NoiseKind;
  readonly weak?: string;
  readonly from?: string;
  readonly strength?: number;
  readonly mask?: string;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly profile?: true;
}

/** Adds the command. */
export function addGenerateCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('generate')
    .summary('write text and make pictures, sounds and clips from a prompt')
    .description(
      'Continue a prompt of texts, pictures, sounds and clips with a trained model.\n\n' +
        'A prompt argument that names an existing picture, sound or video file is that; image:PATH, audio:PATH and ' +
        'video:PATH say what a file is, where its ending leaves it open (.webp and .gif are pictures, unless the model ' +
        'has clips only). Of another modality of the model, NAME:PATH is a value in a JSON file, as it is saved here. Any other ' +
        'argument is text, and texts that follow one another are joined by a space.\n\n' +
        'Text is written to standard output as it comes; pictures are saved as image-1.png, image-2.png …, sounds as ' +
        'audio-1.wav, clips as video-1.webp, values of any other modality as NAME-1.json, and replace earlier ones.',
    )
    .argument('<checkpoint>', 'the checkpoint folder')
    .argument('[prompt...]', 'texts, and files of pictures, sounds and clips')
    .option(
      '--want <modality>',
      'ask for text, image, audio, video or another modality of the model next; may be repeated (default: what the model will)',
      collect,
    )
    .option(
      '--size <size>',
      'how large: 48x32 for a picture, 1.5s for a sound, 8x32x32 (frames first) for a clip, for any other ' +
        'modality a JSON object of numbers in its own words (default: what the model decides)',
      parseSize,
    )
    .option('--out <folder>', 'where files are saved', '.')
    .option('--seed <number>', 'decides every random choice (default: 0)', parseNumber)
    .option('--steps <count>', 'denoising steps per picture, sound or clip (default: the checkpoint’s)', parseCount)
    .option(
      '--guidance <scale>',
      'classifier-free guidance, 1 is none; or a guider, or a JSON list of them (default: the checkpoint’s)',
      parseGuidance,
    )
    .option('--negative <text>', 'what guidance leads away from, instead of no text')
    .option('--sampler <name>', 'a sampler, or JSON of one with settings (default: the checkpoint’s)', parseNamed)
    .option('--scheduler <file>', 'a scheduler_config.json of diffusers, instead of --sampler')
    .option('--step-cache <name>', 'forecast some steps: a step cache, or JSON of one with settings', parseNamed)
    .option('--from <file>', 'begin from this picture, sound, clip or JSON value')
    .option('--strength <share>', 'how far back to noise --from is taken (default: 0.6, with --mask 1)', parseNumber)
    .option('--mask <file>', 'for pictures, a picture: white parts of --from are made anew, black ones stay')
    .addOption(
      new Option('--noise <kind>', 'where noise comes from: ours, or torch’s CPU generator').choices([
        'transfuse',
        'torch',
        'torch-channels-first',
      ]),
    )
    .option('--weak <checkpoint>', 'the weaker model that the guider auto-guidance leads away from')
    .option('--temperature <number>', 'of the choice of tokens, 0 takes the likeliest (default: 1)', parseNumber)
    .option('--top-k <count>', 'choose among the likeliest so many tokens, 0 among all (default: 0)', parseNumber)
    .option(
      '--top-p <share>',
      'choose among the likeliest tokens with this share of probability (default: 1)',
      parseNumber,
    )
    .option(
      '--min-p <share>',
      'leave out tokens less likely than this share of the likeliest (default: 0)',
      parseNumber,
    )
    .option(
      '--repetition-penalty <number>',
      'makes tokens seen before less likely, 1 does not (default: 1)',
      parseNumber,
    )
    .option('--max-tokens <count>', 'most tokens of text (default: 256)', parseCount)
    .option('--stop <text>', 'end where this text would be written; may be repeated', collect)
    .option('--profile', 'print where the time went, on standard error');
  addReportingOptions(addWeightsOption(addEngineOptions(addConfigOption(command)))).action(
    async (checkpoint: string, prompt: readonly string[], options: GenerateCommandOptions) => {
      const { runGenerate } = await import('../generate/run-generate.ts');
      await runGenerate({ checkpoint, prompt }, options, surroundings);
    },
  );
}
