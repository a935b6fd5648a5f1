import { nearestName, TransfuseError } from '@transfuse/core/contracts';
import { libraryFields } from './library-fields.ts';
import type { BuiltScheduler, SchedulerClass } from './scheduler-class.ts';
import { schedulerClasses } from './scheduler-classes.ts';
import { type SchedulerFields, schedulerFields } from './scheduler-fields.ts';

// Reads a `scheduler_config.json`, the file in which the diffusers library keeps how a model is sampled: a class, and the
// arguments of its constructor. Fields left out take that class's defaults; names that no class there knows are refused,
// so that a misspelt field does not pass for a default.

/** What a file means here. */
export interface LoadedScheduler extends BuiltScheduler {
  readonly className: string;
  /** Every field of the class, with the file's metadata (names that begin with `_`) and the {@link unused} fields. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Fields of other classes that the file carries along and that mean nothing to this one. */
  readonly unused: readonly string[];
  /** The timestep as that library counts it, at a time of ours. */
  timestepOf(time: number): number;
}

const place = 'scheduler_config.json';

/**
 * Reads the parsed JSON of a `scheduler_config.json`. `stepArguments` are what that library takes in `step` (DDIM's `eta`,
 * Euler's `s_churn`) and `set_timesteps` (LCM's `strength`), by its names.
 *
 * Throws `config.invalid` for what is not such a file, for an unknown class, field or argument, and for a value that is
 * wrong or that cannot be honoured here.
 *
 * @example
 * ```ts
 * import { readSchedulerConfig } from '@transfuse/plugins/scheduler-config';
 * const file = '{ "_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0 }';
 * const { schedule, sampler, prediction, timestepOf } = readSchedulerConfig(JSON.parse(file));
 * const run = sampler.begin(schedule, { steps: 28 });
 * console.assert(prediction === 'velocity' && timestepOf(run.evaluations[0]?.time ?? 0) === 1000);
 * ```
 */
export function readSchedulerConfig(
  json: unknown,
  stepArguments: Readonly<Record<string, unknown>> = {},
  classes: readonly SchedulerClass[] = schedulerClasses,
): LoadedScheduler {
  const file = schedulerFile(json);
  const schedulerClass = namedClass(file['_class_name'], classes);
  const { className, defaults } = schedulerClass;
  const entries = Object.entries(file);
  for (const [name] of entries) checkField(name, schedulerClass);
  const unused = entries.map(([name]) => name).filter((name) => !isMetadata(name) && !Object.hasOwn(defaults, name));
  const config = Object.freeze({ ...defaults, ...Object.fromEntries(entries) });
  const { fields, checkArguments } = trackedFields(className, config, stepArguments);
  const built = buildNamed(schedulerClass, fields);
  checkArguments();
  const count = built.schedule.timesteps ?? 1000;
  const timestepOf = built.timestepOf?.bind(built) ?? ((time: number) => time * count);
  return { ...built, className, config, unused, timestepOf };
}

/** The file's own values, without those that it marks as defaults of the moment. */
function schedulerFile(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid(place, shown(json), 'an object of fields', 'Pass the parsed contents of the file.');
  }
  const marked = Object.hasOwn(json, '_use_default_values')
    ? (json as Record<string, unknown>)['_use_default_values']
    : [];
  const left = Array.isArray(marked) ? marked : [];
  return Object.fromEntries(
    Object.entries(json).filter(([name]) => !left.includes(name) && name !== '_use_default_values'),
  );
}

function namedClass(name: unknown, classes: readonly SchedulerClass[]): SchedulerClass {
  const found = classes.find(({ className }) => className === name);
  if (found !== undefined) return found;
  const known = classes.map(({ className }) => className);
  const near = typeof name === 'string' ? nearestName(name, known) : undefined;
  const mend = near === undefined ? 'Write one of these names.' : `Did you mean "${near}"?`;
  throw invalid(`${place}, _class_name`, shown(name), `one of ${known.join(', ')}`, mend);
}

const isMetadata = (name: string) => name.startsWith('_');

function checkField(name: string, { className, defaults }: SchedulerClass): void {
  if (isMetadata(name) || Object.hasOwn(defaults, name) || libraryFields.includes(name)) return;
  const known = Object.keys(defaults);
  const near = nearestName(name, known);
  const mend = near === undefined ? 'Remove the field.' : `Did you mean "${near}"?`;
  throw invalid(
    `${place}, field ${shown(name)}`,
    'an unknown field',
    `a field of ${className}: ${known.join(', ')}`,
    mend,
  );
}

/** Fields that remember which arguments were asked for, so that those nobody asked for can be refused. */
function trackedFields(
  className: string,
  values: Readonly<Record<string, unknown>>,
  stepArguments: Readonly<Record<string, unknown>>,
): { readonly fields: SchedulerFields; checkArguments(): void } {
  const fields = schedulerFields(className, values, stepArguments);
  const asked: string[] = [];
  return {
    fields: {
      ...fields,
      argument(name, fallback) {
        asked.push(name);
        return Object.hasOwn(stepArguments, name) ? fields.argument(name, fallback) : fallback;
      },
    },
    checkArguments() {
      for (const name of Object.keys(stepArguments)) {
        if (asked.includes(name)) continue;
        const near = nearestName(name, asked);
        const expected = asked.length === 0 ? 'none' : `one of ${asked.join(', ')}`;
        const mend = near === undefined ? 'Remove the argument.' : `Did you mean "${near}"?`;
        throw invalid(`${className}, argument ${shown(name)}`, 'an unknown argument', expected, mend);
      }
    },
  };
}

/** Builds, and says of a setting of ours that was refused which class's file led to it. */
function buildNamed(schedulerClass: SchedulerClass, fields: SchedulerFields): BuiltScheduler {
  try {
    return schedulerClass.build(fields);
  } catch (error) {
    if (!(error instanceof TransfuseError) || error.code !== 'schedule.invalid') throw error;
    const { found, expected } = error;
    throw new TransfuseError({
      code: 'config.invalid',
      place: `${schedulerClass.className}, read as ${error.place}`,
      found,
      expected,
      mend: 'Correct the field that says so.',
      cause: error,
    });
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function invalid(at: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: at, found, expected, mend });
}
