// Parsers of numeric options. They only tell numbers from other text; the ranges of generation options are checked by
// the core, which knows them.
import { InvalidArgumentError } from 'commander';

/** Reads a number such as `0.7`. */
export function parseNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}

/** Reads a whole number of at least 1, such as `20`. */
export function parseCount(text: string): number {
  const value = parseNumber(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number from 1 up.');
}

/** Collects a repeatable option into a list. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}
