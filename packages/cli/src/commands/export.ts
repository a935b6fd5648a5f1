// The command `export`: its arguments and options.
import type { Command } from 'commander';
import { parseCount } from '../arguments/number-argument.ts';
import {
  addConfigOption,
  addReportingOptions,
  type ConfigOptions,
  type DebugOptions,
  type JsonOptions,
} from '../arguments/shared-options.ts';
import { addWeightsOption, type WeightsOption } from '../export/weights-option.ts';
import type { Surroundings } from '../surroundings.ts';

/** What `export` takes. */
export interface ExportCommandOptions extends DebugOptions, JsonOptions, ConfigOptions, WeightsOption {
  readonly out: string;
  readonly capacity?: number;
  readonly prefix?: number;
  readonly branches?: number;
  readonly portable?: true;
}

/** Adds the command. */
export function addExportCommand(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('export')
    .summary('write a model as ONNX files')
    .description(
      'Write a model as ONNX files for other runtimes and languages: prefix.onnx reads a prompt, text-step.onnx the next ' +
        'token, diffusion-step-image-32x32x3.onnx a picture; transfuse-export.json says how to drive them.',
    )
    .argument('<checkpoint>', 'the checkpoint folder')
    .option('--out <folder>', 'the folder to write; an earlier export in it is replaced', 'onnx')
    .option('--capacity <count>', 'most positions of a sequence (default: the model’s sequence length)', parseCount)
    .option('--prefix <count>', 'most tokens of a prompt (default: the capacity)', parseCount)
    .option('--branches <count>', 'guidance branches of a picture at once, 1 for no guidance (default: 2)', parseCount)
    .option('--portable', 'operators of the ONNX standard alone, for runtimes other than ONNX Runtime');
  addReportingOptions(addWeightsOption(addConfigOption(command))).action(
    async (checkpoint: string, options: ExportCommandOptions) => {
      const { runExport } = await import('../export/run-export.ts');
      await runExport(checkpoint, options, surroundings);
    },
  );
}
