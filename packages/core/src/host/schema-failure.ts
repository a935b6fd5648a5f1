// Turns the list of errors that ajv reports for one value into the one failure worth telling: which field, what was
// there, what the schema wanted and what to do. Unknown fields come first, since a misspelt field is usually also the
// reason for a missing one; a union is explained by the branch that the value was evidently meant for.
import type { ErrorObject } from 'ajv';
import { type FieldPath, pathOfPointer } from './field-path.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { describeSchema, isSchema } from './schema-description.ts';
import { resolveReference } from './schema-reference.ts';
import { explainUnion } from './schema-union.ts';
import { printShort } from './short-value.ts';

/** One field that breaks a schema. */
export interface SchemaFailure {
  readonly path: FieldPath;
  readonly found: string;
  readonly expected: string;
  readonly mend: string;
}

/** Checks a value against a part of a schema; how {@link describeFailure} looks into the branches of a union. */
export type ExplainBranch = (branch: unknown, value: unknown) => SchemaFailure | undefined;

/** The most telling of the errors that ajv reported, which must be at least one and carry their schemas (`verbose`). */
export function describeFailure(
  errors: readonly ErrorObject[],
  root: unknown,
  explainBranch: ExplainBranch,
): SchemaFailure {
  const error = mostTelling(errors);
  const path = pathOfPointer(error.instancePath);
  const parent = isSchema(error.parentSchema) ? error.parentSchema : {};
  const properties = isSchema(parent['properties']) ? parent['properties'] : {};
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired': {
      const name = String(params['missingProperty']);
      const expected = describeSchema(properties[name] ?? {});
      return { path: [...path, name], found: 'nothing', expected, mend: `Add the field${meaning(properties[name])}.` };
    }
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      return unknownField(
        [...path, name],
        isSchema(error.data) ? error.data[name] : undefined,
        fieldNames(parent, root),
      );
    }
    case 'propertyNames': {
      const name = String(params['propertyName']);
      const expected = `a field name that is ${describeSchema(error.schema)}`;
      return { path: [...path, name], found: printShort(name), expected, mend: 'Rename the field.' };
    }
    case 'oneOf':
    case 'anyOf':
    case 'discriminator':
      return explainUnion({ path, value: error.data, schema: parent, root, explainBranch });
    default:
      return plainFailure(path, error, parent);
  }
}

function mostTelling(errors: readonly ErrorObject[]): ErrorObject {
  const unions = errors.filter((error) => error.keyword === 'oneOf' || error.keyword === 'anyOf');
  const insideUnion = (error: ErrorObject) =>
    unions.some(
      (union) =>
        error !== union &&
        error.instancePath.startsWith(union.instancePath) &&
        (error.schemaPath.startsWith(`${union.schemaPath}/`) || /^#\/(\$defs|definitions)\//.test(error.schemaPath)),
    );
  const rank = (error: ErrorObject) => {
    if (error.propertyName !== undefined || insideUnion(error)) return 4;
    if (error.keyword === 'unevaluatedProperties') return 3;
    if (error.keyword === 'if') return 2;
    return error.keyword === 'additionalProperties' ? 0 : 1;
  };
  const [first] = errors.toSorted((left, right) => rank(left) - rank(right));
  if (first === undefined) throw new RangeError('describeFailure needs at least one error');
  return first;
}

function unknownField(path: FieldPath, value: unknown, known: readonly string[]): SchemaFailure {
  const near = nearestName(path.at(-1) ?? '', known);
  const found = printShort(value);
  if (near !== undefined) {
    return { path, found, expected: `no such field; did you mean \`${near}\``, mend: `Rename it to \`${near}\`.` };
  }
  const list = known.length === 0 ? 'there are no fields here' : `the fields here are ${known.join(', ')}`;
  return { path, found, expected: 'no such field', mend: `Remove it; ${list}.` };
}

function fieldNames(schema: unknown, root: unknown): readonly string[] {
  const resolved = resolveReference(schema, root);
  if (!isSchema(resolved)) return [];
  const own = isSchema(resolved['properties']) ? Object.keys(resolved['properties']) : [];
  const parts = [resolved['allOf'], resolved['anyOf'], resolved['oneOf']].flat().filter(isSchema);
  return [...new Set([...own, ...parts.flatMap((part) => fieldNames(part, root))])];
}

function plainFailure(path: FieldPath, error: ErrorObject, schema: Readonly<Record<string, unknown>>): SchemaFailure {
  return {
    path,
    found: printShort(error.data),
    expected: describeSchema(error.parentSchema),
    mend: `${instruction(error, schema)}${meaning(schema)}.`,
  };
}

function instruction(error: ErrorObject, schema: Readonly<Record<string, unknown>>): string {
  const limit = printShort((error.params as { limit?: unknown }).limit);
  if (error.keyword === 'minimum') return `Raise it to ${limit} or more`;
  if (error.keyword === 'maximum') return `Lower it to ${limit} or less`;
  if (error.keyword === 'enum' && typeof error.data === 'string' && Array.isArray(schema['enum'])) {
    const near = nearestName(
      error.data,
      schema['enum'].filter((item) => typeof item === 'string'),
    );
    if (near !== undefined) return `Write ${printShort(near)}`;
  }
  const isNumber = schema['type'] === 'number' || schema['type'] === 'integer';
  if (error.keyword === 'type' && isNumber && typeof error.data === 'string' && Number.isFinite(Number(error.data))) {
    return 'Write it without quotes';
  }
  if ('default' in schema) return `Correct it, or leave it out for the default, ${printShort(schema['default'])}`;
  return 'Correct the value';
}

function meaning(schema: unknown): string {
  return isSchema(schema) && typeof schema['description'] === 'string' ? ` (${schema['description']})` : '';
}
