import { pythonJson } from './python-json.ts';
import type { LoadedScheduler } from './scheduler-config.ts';

// The text of a `scheduler_config.json`, as the diffusers library saves it: every field of the class, defaults included,
// with the file's metadata and what it carried along. Some values of other classes are saved as what they mean.

/** The version of the library whose fields and defaults are followed, for files that name none. */
const libraryVersion = '0.42.1';

/** Metadata that the library does not save. */
const unsaved = ['_use_default_values', '_ignore_files', '_pre_quantization_dtype'];

type Replacements = Readonly<Record<string, readonly [values: readonly string[], meant: string]>>;

const multistep: Replacements = {
  algorithm_type: [['deis'], 'dpmsolver++'],
  solver_type: [['logrho', 'bh1', 'bh2'], 'midpoint'],
};

/** Values that a class takes for others, and saves as those. */
const replacements: Readonly<Record<string, Replacements>> = {
  DPMSolverMultistepScheduler: multistep,
  DPMSolverSinglestepScheduler: multistep,
  EDMDPMSolverMultistepScheduler: multistep,
  DEISMultistepScheduler: {
    algorithm_type: [['dpmsolver', 'dpmsolver++'], 'deis'],
    solver_type: [['midpoint', 'heun', 'bh1', 'bh2'], 'logrho'],
  },
  UniPCMultistepScheduler: { solver_type: [['midpoint', 'heun', 'logrho'], 'bh2'] },
};

/**
 * The text of the file, as the diffusers library would save it, with a newline at its end. JSON does not tell 3 from 3.0:
 * fields of real numbers are written as `3.0`.
 *
 * @example
 * ```ts
 * import { readSchedulerConfig, writeSchedulerConfig } from '@transfuse/plugins/scheduler-config';
 * const text = writeSchedulerConfig(readSchedulerConfig({ _class_name: 'FlowMatchHeunDiscreteScheduler' }));
 * console.assert(text.includes('"shift": 1.0'));
 * ```
 */
export function writeSchedulerConfig(loaded: Pick<LoadedScheduler, 'className' | 'config'>): string {
  const { className, config } = loaded;
  const entries = Object.entries({ _diffusers_version: libraryVersion, ...config, _class_name: className });
  const kept = entries.filter(([name]) => !unsaved.includes(name));
  return `${pythonJson(Object.fromEntries(kept.map(([name, value]) => [name, saved(className, name, value)])))}\n`;
}

function saved(className: string, name: string, value: unknown): unknown {
  const replacement = replacements[className]?.[name];
  if (replacement === undefined) return value;
  const [values, meant] = replacement;
  return values.includes(value as string) ? meant : value;
}
