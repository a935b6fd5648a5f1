import { TransfuseError } from '@transfuse/core/contracts';

// Reads the fields of a `scheduler_config.json` one by one, with the type each must have. What is wrong is named by its
// field and class; what is right there but cannot be done here is named as unsupported, so nothing passes for a default.

/** Typed access to the fields of one file, defaults filled in. */
export interface SchedulerFields {
  readonly className: string;
  /** A finite number. */
  number(name: string): number;
  /** A whole number. */
  integer(name: string): number;
  /** True or false. */
  flag(name: string): boolean;
  /** One of the values that are supported; others end in an error that names them. */
  choice<Choice extends string>(name: string, supported: readonly Choice[]): Choice;
  /** A number, or null where the field is null. */
  optionalNumber(name: string): number | null;
  /** A lower bound: a number, or -Infinity (which that library writes as such, and others as null) where there is none. */
  lowerBound(name: string): number;
  /** A list of numbers, or null where the field is null. */
  optionalNumbers(name: string): readonly number[] | null;
  /** Insists on a value where no other is supported. */
  only(name: string, value: unknown, reason: string): void;
  /** An argument of that library's `step`, not a field: what the caller gave, or a fallback. */
  argument<Value>(name: string, fallback: Value): Value;
}

/** Reads `values`, which has every field, with step `arguments` beside them. Every method throws `config.invalid`. */
export function schedulerFields(
  className: string,
  values: Readonly<Record<string, unknown>>,
  stepArguments: Readonly<Record<string, unknown>> = {},
): SchedulerFields {
  const fail = (name: string, expected: string, mend = 'Correct the field.'): never => {
    throw new TransfuseError({
      code: 'config.invalid',
      place: `${className}, field ${name}`,
      found: JSON.stringify(values[name]) ?? typeof values[name],
      expected,
      mend,
    });
  };
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  const number = (name: string): number => {
    const value = values[name];
    return isNumber(value) ? value : fail(name, 'a number');
  };
  return {
    className,
    number,
    integer(name) {
      const value = number(name);
      return Number.isInteger(value) ? value : fail(name, 'a whole number');
    },
    flag(name) {
      const value = values[name];
      return typeof value === 'boolean' ? value : fail(name, 'true or false');
    },
    choice<Choice extends string>(name: string, supported: readonly Choice[]): Choice {
      const value = values[name] as Choice;
      if (supported.includes(value)) return value;
      const list = supported.map((choice) => JSON.stringify(choice)).join(', ');
      return fail(name, `one of ${list}`, 'Choose a supported value, or another scheduler.');
    },
    lowerBound: (name) => ([null, -Infinity, '-Infinity'].includes(values[name] as null) ? -Infinity : number(name)),
    optionalNumber: (name) => ((values[name] ?? null) === null ? null : number(name)),
    optionalNumbers(name) {
      const value = values[name] ?? null;
      if (value === null) return null;
      return Array.isArray(value) && value.every(isNumber) ? value : fail(name, 'a list of numbers, or null');
    },
    only(name, value, reason) {
      if (JSON.stringify(values[name]) === JSON.stringify(value)) return;
      fail(name, `${JSON.stringify(value)}, the only supported value (${reason})`, 'Choose another scheduler.');
    },
    argument<Value>(name: string, fallback: Value): Value {
      return (stepArguments[name] ?? fallback) as Value;
    },
  };
}
