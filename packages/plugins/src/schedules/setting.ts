import { TransfuseError } from '@transfuse/core/contracts';

// One setting of a noise schedule or sampler: read, defaulted and checked where the object is created, so that a wrong
// number ends as one sentence instead of as NaN pixels. The JSON schemas of the contributions say the same to the host;
// these checks also hold for those who call the creating functions directly.

/** A setting that was given, its place for the error message, and the value it has where it was left out. */
export interface Setting<Value> {
  /** Field path, for example `ddim.eta`. */
  readonly place: string;
  readonly value: Value | undefined;
  readonly fallback: Value;
}

/** Reads a finite number in [minimum, maximum]; throws `schedule.invalid`. */
export function numberSetting(
  setting: Setting<number> & { readonly minimum: number; readonly maximum: number },
): number {
  const { place, value = setting.fallback, minimum, maximum } = setting;
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
  throw settingError(place, value, `a number from ${minimum} to ${maximum}`, setting.fallback);
}

/** Reads an integer in [minimum, maximum]; throws `schedule.invalid`. */
export function integerSetting(
  setting: Setting<number> & { readonly minimum: number; readonly maximum: number },
): number {
  const { place, value = setting.fallback, minimum, maximum } = setting;
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw settingError(place, value, `an integer from ${minimum} to ${maximum}`, setting.fallback);
}

/** Reads one of the listed values; throws `schedule.invalid`. */
export function choiceSetting<Choice extends string | boolean>(
  setting: Setting<Choice> & { readonly choices: readonly Choice[] },
): Choice {
  const { place, value = setting.fallback, choices } = setting;
  if (choices.includes(value)) return value;
  throw settingError(
    place,
    value,
    `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`,
    setting.fallback,
  );
}

function settingError(place: string, value: unknown, expected: string, fallback: unknown): TransfuseError {
  return new TransfuseError({
    code: 'schedule.invalid',
    place,
    found: typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value),
    expected,
    mend: `Correct it, or leave it out for the default, ${JSON.stringify(fallback)}.`,
  });
}
