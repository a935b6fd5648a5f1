// What a plugin must say of itself before anything of it runs: the schema of its manifest, the check of the plugin API
// range it asks for (semantic versioning 2.0), and the check that it contributes exactly what it announces.
import semver from 'semver';
import { type Static, Type } from 'typebox';
import { type ContributionKind, type PluginManifest, pluginApiVersion } from '../contracts/plugin.ts';
import { TransfuseError } from '../errors/index.ts';
import { contributionKinds } from './contribution-kinds.ts';
import { nearestName } from '../errors/nearest-name.ts';
import { validate } from './schema-validation.ts';

const pluginName = (description: string) =>
  Type.String({
    maxLength: 214,
    pattern: '^(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*(/[a-z0-9~-][a-z0-9._~-]*)*$',
    description,
  });

const contributionName = '[a-z0-9][a-z0-9._-]*';

/** The JSON schema of a plugin manifest (draft 2020-12). */
export const manifestSchema = Type.Object(
  {
    name: pluginName('a package-like name, for example `acme-shapes` or `@acme/shapes`'),
    version: Type.String({ minLength: 1, description: 'the version of the plugin, for example `1.0.0`' }),
    api: Type.String({
      minLength: 1,
      description: 'the range of plugin API versions it works with, for example `^1.0.0`',
    }),
    provides: Type.Array(
      Type.String({
        pattern: `^(${contributionKinds.join('|')}):${contributionName}$`,
        description: 'what it contributes as `kind:name`, for example `sampler:euler`',
      }),
      { uniqueItems: true },
    ),
    requires: Type.Optional(Type.Array(pluginName('the name of a plugin that must be there'), { uniqueItems: true })),
    configSchema: Type.Optional(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: 'object',
        description: 'the schema of its configuration',
      }),
    ),
  },
  { additionalProperties: false },
);

/** The schema of the plain part of a contribution. */
export const contributionSchema = Type.Object({
  kind: Type.Unsafe<ContributionKind>({ type: 'string', enum: contributionKinds }),
  name: Type.String({
    pattern: `^${contributionName}$`,
    description: 'lower-case letters, digits, dots, hyphens and underscores, for example `linear-patch`',
  }),
  description: Type.String(),
  configSchema: Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' }),
});

/**
 * Checks a manifest against its schema and against {@link pluginApiVersion}, and returns a frozen copy.
 *
 * @param place how the plugin is called in errors, for example its name or its position in the list of plugins
 * @throws TransfuseError `plugin.manifest-invalid` or `plugin.api-mismatch`
 */
export function validateManifest(value: unknown, { place }: { readonly place: string }): PluginManifest {
  const manifest: Static<typeof manifestSchema> = validate(manifestSchema, value, {
    code: 'plugin.manifest-invalid',
    place: `${place}: manifest`,
  });
  if (semver.valid(manifest.version) === null) {
    throw notA('a semantic version', 'version', manifest.version, 'Write three numbers, for example "1.0.0".', place);
  }
  if (semver.validRange(manifest.api) === null) {
    throw notA('a range of versions', 'api', manifest.api, `Write for example "^${pluginApiVersion}".`, place);
  }
  if (!semver.satisfies(pluginApiVersion, manifest.api)) {
    throw new TransfuseError({
      code: 'plugin.api-mismatch',
      place: `${place}: manifest.api`,
      found: JSON.stringify(manifest.api),
      expected: `a range that accepts plugin API ${pluginApiVersion}`,
      mend: semver.gtr(pluginApiVersion, manifest.api)
        ? 'Install a newer version of the plugin.'
        : 'Install another version of the plugin or of @transfuse/core, so that the two fit.',
    });
  }
  return Object.freeze(manifest);
}

function notA(expected: string, field: string, found: string, mend: string, place: string): TransfuseError {
  return new TransfuseError({
    code: 'plugin.manifest-invalid',
    place: `${place}: manifest.${field}`,
    found: JSON.stringify(found),
    expected,
    mend,
  });
}

/**
 * Checks that a plugin contributes exactly what its manifest announces, in any order.
 *
 * @throws TransfuseError `plugin.manifest-invalid`, naming the first entry that is missing on either side
 */
export function checkProvides(
  manifest: PluginManifest,
  contributions: readonly { readonly kind: ContributionKind; readonly name: string }[],
): void {
  const actual = contributions.map(({ kind, name }) => `${kind}:${name}`);
  const unannounced = actual.find((entry) => !manifest.provides.includes(entry));
  const absent = manifest.provides.findIndex((entry) => !actual.includes(entry));
  if (absent >= 0) {
    const entry = manifest.provides[absent] ?? '';
    const near = nearestName(entry, actual);
    throw new TransfuseError({
      code: 'plugin.manifest-invalid',
      place: `${manifest.name}: manifest.provides[${absent}]`,
      found: JSON.stringify(entry),
      expected: 'something the plugin contributes',
      mend: near === undefined ? 'Add the contribution, or remove this entry.' : `Write ${JSON.stringify(near)}.`,
    });
  }
  if (unannounced !== undefined) {
    throw new TransfuseError({
      code: 'plugin.manifest-invalid',
      place: `${manifest.name}: manifest.provides`,
      found: `no entry for the contribution ${JSON.stringify(unannounced)}`,
      expected: 'every contribution to be announced',
      mend: `Add ${JSON.stringify(unannounced)} to the list.`,
    });
  }
}
