// Follows references inside one schema, as far as explaining an error needs it; ajv does the real resolving.
import { pathOfPointer } from './field-path.ts';
import { isSchema } from './schema-description.ts';

/** Follows `$ref` within the same schema (`#/$defs/…`); anything else is returned as it is. */
export function resolveReference(schema: unknown, root: unknown): unknown {
  if (!isSchema(schema) || typeof schema['$ref'] !== 'string' || !schema['$ref'].startsWith('#/')) return schema;
  let target: unknown = root;
  for (const part of pathOfPointer(schema['$ref'].slice(1))) target = isSchema(target) ? target[part] : undefined;
  return target ?? schema;
}
