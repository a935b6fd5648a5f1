// The option `--weights` of commands that run or export a model: how its matrices are stored.
import { type Command, Option } from 'commander';
import type { WeightFormat } from '@transfuse/core/engine';

/** What commands take that load a model. */
export interface WeightsOption {
  readonly weights?: WeightFormat;
}

const formats: Readonly<Record<WeightFormat, true>> = { float32: true, float16: true, int8: true, int4: true };

/** Adds `--weights`. */
export function addWeightsOption(command: Command): Command {
  return command.addOption(
    new Option('--weights <format>', 'how matrices are stored (default: float32)').choices(Object.keys(formats)),
  );
}

/** The options of `host.load` that it stands for. */
export function loadOptions({ weights }: WeightsOption): WeightsOption {
  return weights === undefined ? {} : { weights };
}
