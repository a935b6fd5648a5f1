// What a plugin author writes a plugin with: two functions that return what they are given and exist for their types.
import type { Static, TSchema } from 'typebox';
import type {
  Contribution,
  ContributionKind,
  ContributionKinds,
  CreationContext,
  JsonSchema,
  Plugin,
} from '../contracts/plugin.ts';

/**
 * Declares a plugin. Returns it unchanged; the host checks it when it is loaded.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@transfuse/core';
 * export default definePlugin({
 *   manifest: { name: 'acme-shapes', version: '1.0.0', api: '^1.0.0', provides: [] },
 *   contributions: [],
 * });
 * ```
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}

/** The settings a factory receives: typed by a typebox schema, a plain record for any other JSON schema. */
export type SettingsOf<Schema> = Schema extends { readonly '~kind': string }
  ? Readonly<Static<Schema>>
  : Readonly<Record<string, unknown>>;

/** A contribution as an author writes it, its settings typed by its schema. */
export interface ContributionDefinition<Kind extends ContributionKind, Schema> {
  /** Unique per kind within a host, for example `linear-patch`. */
  readonly name: string;
  readonly description: string;
  /** A typebox schema or a plain JSON schema (draft 2020-12). Make fields with a default required: they will be there. */
  readonly configSchema: Schema;
  /** Makes the thing from its settings; whatever it holds is the caller's to dispose of. */
  create(
    config: SettingsOf<Schema>,
    context: CreationContext,
  ): ContributionKinds[Kind] | Promise<ContributionKinds[Kind]>;
}

/**
 * Declares one contribution, with the settings of its factory typed by its schema. They have been validated and
 * defaulted by the time `create` runs.
 *
 * @example
 * ```ts
 * import { contribution } from '@transfuse/core';
 * import { Type } from 'typebox';
 * export const constant = contribution('noise-schedule', {
 *   name: 'constant',
 *   description: 'The same noise at every time',
 *   configSchema: Type.Object({ sigma: Type.Number({ default: 0.5 }) }, { additionalProperties: false }),
 *   create: ({ sigma }) => ({
 *     name: 'constant',
 *     config: { sigma },
 *     at: () => ({ alpha: 1, sigma, velocity: { clean: 0, noise: 1 } }),
 *     sampleTime: (uniform) => uniform(),
 *   }),
 * });
 * ```
 */
export function contribution<Kind extends ContributionKind, const Schema extends TSchema>(
  kind: Kind,
  definition: ContributionDefinition<Kind, Schema>,
): Contribution<Kind> {
  return {
    kind,
    name: definition.name,
    description: definition.description,
    configSchema: definition.configSchema as JsonSchema,
    create: (config, context) => definition.create(config as SettingsOf<Schema>, context),
  };
}
