/**
 * The checks of a plugin: a host would load it, every contribution can be created with the defaults of its schema and
 * is what its kind asks for, and settings it reports create it again.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Contribution, CreationContext, Plugin } from '../contracts/plugin.ts';
import { loadPlugin } from '../host/loaded-plugin.ts';
import { createConsoleLogger } from '../host/logger.ts';
import { validate } from '../host/schema-validation.ts';
import { brokenContract, insist } from './broken-contract.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import { contractMembers } from './contract-members.ts';

/** What a plugin's suite takes. */
export interface PluginCheckOptions extends CheckOptions {
  /** Settings for contributions that cannot be created from their defaults, by `kind:name`. @default none */
  readonly settings?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What creation gets besides settings: texts, files. @default a logger of warnings, no files */
  readonly context?: Partial<CreationContext>;
}

/**
 * The suite of a plugin. It says nothing of how well contributions keep their contracts: check each with the suite of
 * its kind.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@transfuse/core';
 * import { checkPlugin } from '@transfuse/core/testing';
 * const manifest = { name: 'acme-empty', version: '1.0.0', api: '^1.0.0', provides: [] };
 * const suite = checkPlugin(definePlugin({ manifest, contributions: [] }));
 * console.assert((await suite.run()).outcome === 'passed');
 * ```
 */
export function checkPlugin(plugin: Plugin, options: PluginCheckOptions = {}): CheckSuite {
  const { settings = {}, context = {} } = options;
  const given: CreationContext = { logger: createConsoleLogger('warn'), assets: {}, ...context };
  const defaults = (contribution: Contribution) =>
    validSettings(contribution, settings[keyOf(contribution)] ?? {}, 'its default settings break its own schema');
  return createSuite(
    'plugin',
    {
      'can be loaded by a host': () => {
        try {
          loadPlugin(plugin, 0);
        } catch (error) {
          brokenContract(`A host would refuse it: ${(error as Error).message}`, error);
        }
      },
      'says what each contribution is for': () => {
        for (const contribution of plugin.contributions) {
          insist(
            contribution.description.trim().length >= 10,
            `${keyOf(contribution)} is described as ${JSON.stringify(contribution.description)}; write a sentence, it is what a list of plugins shows.`,
          );
        }
      },
      'creates every contribution from the defaults of its schema': async () => {
        for (const contribution of plugin.contributions) {
          const created: unknown = await contribution.create(defaults(contribution), given);
          insistMembers(contribution, created);
        }
      },
      'creates contributions again from the settings they report': async () => {
        for (const contribution of plugin.contributions) {
          const created = (await contribution.create(defaults(contribution), given)) as Reporting;
          if (created.config !== undefined) await insistSameConfig(contribution, created.config, given);
        }
      },
      'can be set up and disposed of': async () => {
        const loaded = loadPlugin(plugin, 0);
        const schema = plugin.manifest.configSchema ?? { type: 'object' };
        const config = validate(schema, {}, { code: 'plugin.config-invalid', place: plugin.manifest.name });
        await loaded.setUp({ config: config as Record<string, unknown>, logger: given.logger });
        await loaded.dispose();
      },
    },
    options,
  );
}

interface Reporting {
  readonly config?: Readonly<Record<string, unknown>>;
}

const keyOf = ({ kind, name }: Contribution) => `${kind}:${name}`;

function validSettings(contribution: Contribution, value: unknown, what: string): Readonly<Record<string, unknown>> {
  try {
    const where = { code: 'config.invalid', place: keyOf(contribution) } as const;
    return validate(contribution.configSchema, value, where) as Record<string, unknown>;
  } catch (error) {
    return brokenContract(
      `${keyOf(contribution)}: ${what} (${(error as Error).message.replace(/\.$/, '')}); give every field a default, or the suite \`settings\`.`,
      error,
    );
  }
}

function insistMembers(contribution: Contribution, created: unknown): void {
  insist(
    typeof created === 'object' && created !== null,
    `${keyOf(contribution)} created ${String(created)}; create returns the ${contribution.kind} itself.`,
  );
  for (const [member, type] of Object.entries(contractMembers[contribution.kind])) {
    const found = typeof (created as Record<string, unknown>)[member];
    insist(
      found === type,
      `${keyOf(contribution)} created something whose ${member} is ${found === 'undefined' ? 'missing' : `of type ${found}`}; the contract of a ${contribution.kind} wants a ${type}.`,
    );
  }
}

/** The host stores settings in `config.json` and creates the thing from there again. */
async function insistSameConfig(
  contribution: Contribution,
  config: Readonly<Record<string, unknown>>,
  context: CreationContext,
): Promise<void> {
  const stored = JSON.parse(JSON.stringify(config)) as Record<string, unknown>;
  const settings = validSettings(contribution, stored, 'the config it reports breaks its own schema');
  const again = ((await contribution.create(settings, context)) as Reporting).config;
  insist(
    isDeepStrictEqual(JSON.parse(JSON.stringify(again)), stored),
    `${keyOf(contribution)}, created from the config it reports, reports ${JSON.stringify(again)} instead of ${JSON.stringify(stored)}; settings must lead back to themselves.`,
  );
}
