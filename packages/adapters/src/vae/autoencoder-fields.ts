/**
 * Reads the fields of an autoencoder's `config.json` one by one, with the type each must have. It remembers which were
 * asked for, so that the rest can be refused by name: a field that nobody reads would silently change nothing. Fields
 * that begin with an underscore are notes of the library that wrote the file.
 */
import { type ErrorCode, TransfuseError } from '@transfuse/core/contracts';

/** How a configuration is named in messages, and what its errors are called. */
export interface ConfigReadingOptions {
  /** Default `autoencoder`. */
  readonly place?: string;
  /** Default `config.invalid`; the configuration of a folder on disk takes `checkpoint.invalid`. */
  readonly code?: Extract<ErrorCode, 'config.invalid' | 'checkpoint.invalid'>;
}

/** Typed access to the fields; a field that is absent takes its default, one of another type is an error that names it. */
export interface AutoencoderFields {
  /** A finite number. */
  number(name: string, fallback: number): number;
  /** A whole number of at least 1. */
  count(name: string, fallback: number): number;
  /** A whole number of at least 1, or two of them for height and width, of which the height counts. */
  side(name: string, fallback: number): number;
  /** Whole numbers of at least 1, at least one of them. */
  counts(name: string, fallback: readonly number[]): readonly number[];
  /** A finite number, or undefined where the field is absent or null. */
  optionalNumber(name: string): number | undefined;
  /** Finite numbers, or undefined where the field is absent or null. */
  optionalNumbers(name: string): readonly number[] | undefined;
  flag(name: string, fallback: boolean): boolean;
  /** One of the values that are supported. */
  choice<Choice extends string>(name: string, supported: readonly Choice[], fallback: Choice): Choice;
  /** Texts that all are the one supported value. */
  only(name: string, supported: string, fallbackCount: number): readonly string[];
  /** Takes a field that changes nothing here. */
  ignore(name: string): void;
  /** The error for a field whose value does not fit the others. */
  failure(name: string, expected: string): TransfuseError;
  /** Refuses the fields that were not asked for. */
  end(): void;
}

/** Opens a parsed `config.json`. Throws the error that the options name where it is no object. */
export function autoencoderFields(json: unknown, options: ConfigReadingOptions = {}): AutoencoderFields {
  const { place = 'autoencoder', code = 'config.invalid' } = options;
  const error = (at: string, found: string, expected: string, mend: string) =>
    new TransfuseError({ code, place: at, found, expected, mend });
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw error(place, describe(json), 'an object of fields', 'Use the config.json that belongs to the weights.');
  }
  const fields = new Map(Object.entries(json));
  const asked = new Set<string>();
  const failure = (name: string, expected: string) =>
    error(`${place}, field ${name}`, describe(fields.get(name)), expected, 'Correct the field, or use another model.');
  /** The field's value if it is there and of the right kind, the fallback if it is absent. */
  const read = <Value>(name: string, is: (value: unknown) => value is Value, expected: string, fallback: Value) => {
    asked.add(name);
    const value = fields.get(name);
    if (value === undefined) return fallback;
    if (!is(value)) throw failure(name, expected);
    return value;
  };
  const readOptional = <Value>(name: string, is: (value: unknown) => value is Value, expected: string) =>
    read<Value | null>(name, (value): value is Value | null => value === null || is(value), expected, null) ??
    undefined;

  return {
    number: (name, fallback) => read(name, isNumber, 'a number', fallback),
    count: (name, fallback) => read(name, isCount, 'a whole number of at least 1', fallback),
    counts: (name, fallback) =>
      read(name, isListOf(isCount), 'a list of whole numbers of at least 1', fallback as number[]),
    side(name, fallback) {
      const is = (value: unknown): value is number | number[] =>
        isCount(value) || (isPair(value) && value.every(isCount));
      const sides = read<number | number[]>(name, is, 'a whole number of at least 1, or two of them', fallback);
      return typeof sides === 'number' ? sides : sides[0]!;
    },
    optionalNumber: (name) => readOptional(name, isNumber, 'a number, or null'),
    optionalNumbers: (name) => readOptional(name, isListOf(isNumber), 'a list of numbers, or null'),
    flag: (name, fallback) => read(name, isFlag, 'true or false', fallback),
    choice(name, supported, fallback) {
      const is = (value: unknown): value is typeof fallback => (supported as readonly unknown[]).includes(value);
      return read(name, is, `one of ${supported.join(', ')}, which are supported`, fallback);
    },
    only(name, supported, fallbackCount) {
      const is = (value: unknown): value is string => value === supported;
      const expected = `a list of "${supported}", the only supported kind`;
      return read(name, isListOf(is), expected, Array<string>(fallbackCount).fill(supported));
    },
    ignore: (name) => void asked.add(name),
    failure,
    end() {
      const unknown = [...fields.keys()].find((name) => !asked.has(name) && !name.startsWith('_'));
      if (unknown === undefined) return;
      throw error(
        `${place}, field ${unknown}`,
        describe(fields.get(unknown)),
        'only fields of this architecture that are supported',
        'Remove the field if the model works without it, or use another model.',
      );
    },
  };
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1;
const isPair = (value: unknown): value is unknown[] => Array.isArray(value) && value.length === 2;
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

const isListOf =
  <Item>(is: (value: unknown) => value is Item) =>
  (value: unknown): value is Item[] =>
    Array.isArray(value) && value.length > 0 && value.every(is);

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
