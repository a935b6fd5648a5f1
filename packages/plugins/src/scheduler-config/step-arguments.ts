import { TransfuseError } from '@transfuse/core/contracts';
import type { NoiseChurnOptions } from '../samplers/noise-churn.ts';
import type { SchedulerFields } from './scheduler-fields.ts';

// Arguments of that library's `step` that stand beside the file: read with the type they must have, or refused.

/** A number, infinity included; throws `config.invalid`. */
export function numberArgument(fields: SchedulerFields, name: string, fallback: number): number {
  const value: unknown = fields.argument<unknown>(name, fallback);
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw invalid(fields, name, value, 'a number', 'Correct the argument.');
}

/** True or false; throws `config.invalid`. */
export function flagArgument(fields: SchedulerFields, name: string, fallback: boolean): boolean {
  const value: unknown = fields.argument<unknown>(name, fallback);
  if (typeof value === 'boolean') return value;
  throw invalid(fields, name, value, 'true or false', 'Correct the argument.');
}

/** Insists that an argument is left out, for a reason; throws `config.invalid`. */
export function absentArgument(fields: SchedulerFields, name: string, reason: string): void {
  const value = fields.argument<unknown>(name, null);
  if (value !== null) throw invalid(fields, name, value, `none (${reason})`, 'Leave the argument out.');
}

/** The four arguments of churn. */
export function churnArguments(fields: SchedulerFields): Required<NoiseChurnOptions> {
  return {
    churn: numberArgument(fields, 's_churn', 0),
    churnMinimum: numberArgument(fields, 's_tmin', 0),
    churnMaximum: numberArgument(fields, 's_tmax', Infinity),
    churnNoise: numberArgument(fields, 's_noise', 1),
  };
}

function invalid(
  { className }: SchedulerFields,
  name: string,
  value: unknown,
  expected: string,
  mend: string,
): TransfuseError {
  const found = JSON.stringify(value) ?? typeof value;
  return new TransfuseError({ code: 'config.invalid', place: `${className}, argument ${name}`, found, expected, mend });
}
