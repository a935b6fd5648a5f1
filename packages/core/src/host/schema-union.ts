// Explains why a value fits no branch of a `oneOf` or `anyOf`. When all branches declare one field as a constant (a
// tag such as `kind`), the tag decides which branch was meant, whether or not the schema carries `discriminator`;
// otherwise the one branch whose type fits the value is taken; otherwise the branches are listed.
import type { FieldPath } from './field-path.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { describeSchema, isSchema } from './schema-description.ts';
import type { ExplainBranch, SchemaFailure } from './schema-failure.ts';
import { resolveReference } from './schema-reference.ts';
import { printShort } from './short-value.ts';

/** A value that broke a union, and how to look into the union's branches. */
export interface BrokenUnion {
  readonly path: FieldPath;
  readonly value: unknown;
  /** The schema that holds `oneOf` or `anyOf`. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** The whole schema, in which references are looked up. */
  readonly root: unknown;
  readonly explainBranch: ExplainBranch;
}

/** The failure to tell for a value that fits no branch, or more than one branch of a `oneOf`. */
export function explainUnion({ path, value, schema, root, explainBranch }: BrokenUnion): SchemaFailure {
  const listed = schema['oneOf'] ?? schema['anyOf'];
  const branches = (Array.isArray(listed) ? listed : []).map((branch: unknown) => resolveReference(branch, root));
  const tag = isSchema(value) ? tagOf(branches) : undefined;
  if (tag !== undefined && isSchema(value)) {
    const chosen = value[tag];
    const meant = branches.filter((branch) => tagValues(branch, tag).includes(chosen));
    if (meant.length === 0)
      return wrongTag(
        [...path, tag],
        chosen,
        branches.flatMap((branch) => tagValues(branch, tag)),
      );
    const failure = meant.length === 1 ? explainBranch(meant[0], value) : undefined;
    if (failure !== undefined) return { ...failure, path: [...path, ...failure.path] };
  }
  const fitting = branches.filter((branch) => acceptsType(branch, value));
  const failure = fitting.length === 1 && isNested(value) ? explainBranch(fitting[0], value) : undefined;
  if (failure !== undefined) return { ...failure, path: [...path, ...failure.path] };
  return {
    path,
    found: printShort(value),
    expected: describeSchema({ oneOf: branches }),
    mend: 'Write it in one of these forms, and in one only.',
  };
}

function wrongTag(path: FieldPath, value: unknown, allowed: readonly unknown[]): SchemaFailure {
  const names = allowed.filter((item) => typeof item === 'string');
  const near = typeof value === 'string' ? nearestName(value, names) : undefined;
  return {
    path,
    found: printShort(value),
    expected: describeSchema({ enum: allowed }),
    mend: near === undefined ? 'Choose one of these.' : `Write ${printShort(near)}.`,
  };
}

function tagOf(branches: readonly unknown[]): string | undefined {
  const [first] = branches;
  if (!isSchema(first) || !isSchema(first['properties'])) return undefined;
  return Object.keys(first['properties']).find((name) =>
    branches.every((branch) => tagValues(branch, name).length > 0),
  );
}

function tagValues(branch: unknown, tag: string): readonly unknown[] {
  if (!isSchema(branch) || !isSchema(branch['properties'])) return [];
  const property = branch['properties'][tag];
  if (!isSchema(property)) return [];
  if ('const' in property) return [property['const']];
  return Array.isArray(property['enum']) ? property['enum'] : [];
}

function acceptsType(branch: unknown, value: unknown): boolean {
  if (!isSchema(branch)) return branch === true;
  const types = [branch['type']].flat().filter((type) => type !== undefined);
  if (types.length === 0) return !('properties' in branch) || isSchema(value);
  if (Array.isArray(value)) return types.includes('array');
  if (value === null) return types.includes('null');
  return types.includes(typeof value) || (typeof value === 'number' && types.includes('integer'));
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
