// Validates a value against a JSON schema (draft 2020-12) with ajv and fills in defaults. The one place where ajv is
// used: every border of the host (configuration, manifests, contributions' settings) comes through here, so that all
// wrong input is reported in the same words. Each schema is compiled by its own ajv, so equal `$id`s cannot collide.
import type { Options, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Static, TSchema } from 'typebox';
import { type ErrorCode, TransfuseError } from '../errors/index.ts';
import { writePath } from './field-path.ts';
import { plainCopy } from './plain-copy.ts';
import { describeFailure, type SchemaFailure } from './schema-failure.ts';
import { isSchema } from './schema-description.ts';
import { printShort } from './short-value.ts';

/** How a failed validation is reported. */
export interface ValidationPlace {
  readonly code: ErrorCode;
  /** Written before the path of the bad field; empty where the value is a whole configuration. */
  readonly place: string;
}

const options: Options = {
  allErrors: true,
  verbose: true,
  useDefaults: true,
  discriminator: true,
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  validateFormats: false,
  meta: false,
  validateSchema: false,
  logger: false,
};

const compiled = new WeakMap<object, ValidateFunction>();
let schemaChecker: Ajv2020 | undefined;

/**
 * Checks a value and returns a deep copy with the schema's defaults filled in; the value itself is not changed. Fields
 * that are undefined count as absent (so does the value itself), `format` is not enforced. In a `oneOf` of objects give each branch a constant
 * tag and `additionalProperties: false`; defaults inside a branch need `discriminator: { propertyName }`.
 *
 * @param schema plain JSON schema, draft 2020-12, or a typebox schema, which also types the result
 * @throws TransfuseError with the code of `where`, for the most telling bad field: its place is the dotted path. A
 *   schema that cannot be compiled throws `plugin.manifest-invalid`.
 *
 * @example
 * ```ts
 * import { validate } from '@transfuse/core';
 * const schema = { type: 'object', properties: { steps: { type: 'integer', default: 50 } } };
 * const settings = validate(schema, {}, { code: 'config.invalid', place: 'sampling' });
 * console.assert(JSON.stringify(settings) === '{"steps":50}');
 * ```
 */
export function validate<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  where: ValidationPlace,
): Static<Schema> {
  const check = compileSchema(schema, where.place);
  const copy = plainCopy(value === undefined && isSchema(schema) ? schema['default'] : value, where);
  if (check(copy)) return copy as Static<Schema>;
  const failure = describeFailure(check.errors ?? [], schema, (branch, part) => explain(branch, part, schema));
  const { code, place } = where;
  throw new TransfuseError({ ...failure, code, place: writePath(place, failure.path) || 'configuration' });
}

/**
 * Compiles a schema without using it, to find out early whether it is one.
 *
 * @throws TransfuseError `plugin.manifest-invalid` when it is not a schema of draft 2020-12
 */
export function compileSchema(schema: TSchema, place: string): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  try {
    schemaChecker ??= new Ajv2020({ logger: false, strict: false, validateFormats: false });
    if (schemaChecker.validateSchema(schema) !== true) throw new Error(schemaChecker.errorsText());
    // ajv has nowhere to put a default of the whole value; `validate` takes care of it.
    const { default: _, ...rest } = schema as { readonly default?: unknown };
    const check = new Ajv2020(options).compile(rest);
    compiled.set(schema, check);
    return check;
  } catch (cause) {
    throw new TransfuseError({
      code: 'plugin.manifest-invalid',
      place: `${place}: schema`,
      found: cause instanceof Error ? cause.message : printShort(cause),
      expected: 'a JSON schema of draft 2020-12 in which every keyword is known and every default takes effect',
      mend: 'Correct the schema; this is for the author of the plugin to do.',
      cause,
    });
  }
}

function explain(branch: unknown, value: unknown, root: unknown): SchemaFailure | undefined {
  if (!isSchema(branch) || !isSchema(root)) return undefined;
  const { $defs, definitions } = root;
  const schema = {
    ...branch,
    ...($defs === undefined ? {} : { $defs }),
    ...(definitions === undefined ? {} : { definitions }),
  };
  try {
    const check = new Ajv2020({ ...options, strictSchema: false }).compile(schema);
    if (check(plainCopy(value, { code: 'config.invalid', place: '' }))) return undefined;
    return describeFailure(check.errors ?? [], schema, (inner, part) => explain(inner, part, root));
  } catch {
    return undefined;
  }
}
