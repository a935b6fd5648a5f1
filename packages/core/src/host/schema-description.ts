// Says in words what a JSON schema (draft 2020-12) asks of a value: `an integer of at least 1`, `one of "a", "b"`.
// Only the schema's own level is described; it is the "expected …" part of an error sentence, not documentation.
import type { JsonSchema } from '../contracts/plugin.ts';
import { printShort } from './short-value.ts';

const typeNames: Readonly<Record<string, string>> = {
  integer: 'an integer',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

/**
 * What a schema expects, in words that complete the sentence "expected …".
 *
 * @example
 * ```ts
 * console.assert(describeSchema({ type: 'integer', minimum: 1 }) === 'an integer of at least 1');
 * ```
 */
export function describeSchema(schema: unknown): string {
  if (!isSchema(schema)) return schema === false ? 'nothing here' : 'any value';
  if ('const' in schema) return printShort(schema['const']);
  if (Array.isArray(schema['enum'])) return oneOf(schema['enum'].map(printShort));
  const branches = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(branches)) return describeUnion(branches);
  const types = [schema['type']].flat().filter((type) => typeof type === 'string');
  if (types.length === 0) return typeof schema['description'] === 'string' ? schema['description'] : 'another value';
  return [...new Set(types.map((type) => describeType(type, schema)))].join(' or ');
}

/** Whether a value can be read as a schema object. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeUnion(branches: readonly unknown[]): string {
  const constants = branches.map((branch) => (isSchema(branch) && 'const' in branch ? [branch['const']] : undefined));
  if (constants.every((constant) => constant !== undefined)) return oneOf(constants.flat().map(printShort));
  return [...new Set(branches.map(describeSchema))].join(' or ');
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`;
}

function describeType(type: string, schema: JsonSchema): string {
  const base = typeNames[type] ?? type;
  if (type === 'integer' || type === 'number') return joined(base, numberLimits(schema));
  if (type === 'string') return joined(base, textLimits(schema));
  if (type === 'array') return joined(base, listLimits(schema));
  if (type === 'object') return joined(base, countLimits('field', schema['minProperties'], schema['maxProperties']));
  return base;
}

function joined(base: string, limits: string): string {
  return limits === '' ? base : `${base} ${limits}`;
}

function numberLimits(schema: JsonSchema): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const parts: string[] = [];
  if (minimum !== undefined && maximum !== undefined)
    parts.push(`from ${printShort(minimum)} to ${printShort(maximum)}`);
  else if (minimum !== undefined) parts.push(`of at least ${printShort(minimum)}`);
  else if (maximum !== undefined) parts.push(`of at most ${printShort(maximum)}`);
  if (exclusiveMinimum !== undefined) parts.push(`above ${printShort(exclusiveMinimum)}`);
  if (exclusiveMaximum !== undefined) parts.push(`below ${printShort(exclusiveMaximum)}`);
  if (multipleOf !== undefined && multipleOf !== 1) parts.push(`divisible by ${printShort(multipleOf)}`);
  return parts.join(' and ');
}

function textLimits(schema: JsonSchema): string {
  const length = countLimits('character', schema['minLength'], schema['maxLength']);
  const pattern = typeof schema['pattern'] === 'string' ? `that matches /${schema['pattern']}/` : '';
  return [length, pattern].filter((part) => part !== '').join(' ');
}

function listLimits(schema: JsonSchema): string {
  const count = countLimits('item', schema['minItems'], schema['maxItems']);
  const unique = schema['uniqueItems'] === true ? 'without repetition' : '';
  return [count, unique].filter((part) => part !== '').join(' ');
}

function countLimits(noun: string, least: unknown, most: unknown): string {
  const plural = (count: unknown) => `${printShort(count)} ${noun}${count === 1 ? '' : 's'}`;
  if (least !== undefined && least === most) return `of ${plural(least)}`;
  if (least !== undefined && most !== undefined) return `of ${printShort(least)} to ${plural(most)}`;
  if (least !== undefined) return `of at least ${plural(least)}`;
  if (most !== undefined) return `of at most ${plural(most)}`;
  return '';
}
