// Assembles a host: checks plugins and configuration, sets the plugins up in order, binds what they contribute in an
// inversify container, and resolves the host from it. The container lives only here, at the edge; it is made without
// decorators and without generated code (`jitless`), so that it also works under a strict content security policy.
import { Container, ContainerModule, type ServiceIdentifier } from 'inversify';
import type { Engine } from '../contracts/engine.ts';
import type { Logger } from '../contracts/logger.ts';
import type { ContributionKind, Plugin } from '../contracts/plugin.ts';
import { chooseEngine } from '../engine/choose-engine.ts';
import { TransfuseError } from '../errors/index.ts';
import type { BuiltInEngineConfig, HostConfig, ResolvedConfig, ResolvedEngineConfig } from './config-types.ts';
import { isBuiltIn, validateHostConfig } from './config.ts';
import { contributionKinds } from './contribution-kinds.ts';
import { createContribution, findContribution } from './create-contribution.ts';
import { assembleHost, type Host } from './host.ts';
import { type LoadedPlugin, loadPlugin, pluginFailed, type RegisteredContribution } from './loaded-plugin.ts';
import { createConsoleLogger } from './logger.ts';
import { orderPlugins, pluginMissing } from './plugin-order.ts';
import { validate } from './schema-validation.ts';
import { printShort } from './short-value.ts';

/** Picks an engine for a host; its result is disposed of with the host. */
export type ChooseEngine = (config: BuiltInEngineConfig, logger: Logger) => Promise<Engine>;

/** What {@link createHost} takes. */
export interface CreateHostOptions {
  readonly plugins: readonly Plugin[];
  /** Settings of plugins by plugin name (`plugin`) and of the engine; a whole configuration fits too. */
  readonly config?: HostConfig;
  /** An engine to use; it stays the caller's to dispose of. Wins over `chooseEngine`. */
  readonly engine?: Engine;
  /**
   * Makes the engine where none is given and `config.engine` does not name one of a plugin's. Default: {@link chooseEngine},
   * by `config.engine`.
   */
  readonly chooseEngine?: ChooseEngine;
  /** Default: the console, from `warn` up. */
  readonly logger?: Logger;
}

function token<T>(name: string): ServiceIdentifier<T> {
  return Symbol(`transfuse/${name}`);
}

const hostToken = token<Host>('host');
const contributionTokens = contributionKinds.map((kind: ContributionKind) => token<RegisteredContribution>(kind));

/**
 * Creates a host from plugins: checks them, sets them up in the order of their requirements, and gives access to what
 * they contribute. Hosts share nothing.
 *
 * @throws TransfuseError `plugin.manifest-invalid`, `plugin.api-mismatch`, `plugin.duplicate`, `plugin.missing`,
 *   `plugin.config-invalid`, `contribution.duplicate`, `config.invalid` before any plugin runs; `plugin.failed` when a
 *   set-up throws, after the plugins that were already set up have been disposed of
 *
 * @example
 * ```ts
 * import { createHost } from '@transfuse/core';
 * const host = await createHost({ plugins: [] });
 * console.assert(host.contributions('sampler').length === 0);
 * await host.dispose();
 * ```
 */
export async function createHost(options: CreateHostOptions): Promise<Host> {
  const logger = options.logger ?? createConsoleLogger();
  const config = validateHostConfig(options.config ?? {});
  const plugins = orderPlugins(listOf(options.plugins).map((plugin, index) => loadPlugin(plugin, index)));
  checkContributionNames(plugins);
  const settings = pluginSettings(plugins, config.plugin);

  const container = new Container({ defaultScope: 'Singleton', jitless: true });
  const ready: SetUpPart[] = [];
  try {
    for (const plugin of plugins) {
      const { name } = plugin.manifest;
      await setUp(plugin, settings.get(name) ?? {}, logger);
      ready.push({ name, dispose: () => plugin.dispose() });
      await container.loadAsync(moduleOf(plugin));
    }
    const engine =
      options.engine ?? (await makeEngine(config.engine, { plugins, logger, chooseEngine: options.chooseEngine }));
    const chosen = options.engine === undefined ? engine : undefined;
    if (chosen !== undefined) ready.push({ name: `engine ${chosen.name}`, dispose: () => chosen.dispose() });
    const tearDown = async () => {
      await container.unbindAllAsync();
      await disposeReversed(ready);
    };
    container.bind(hostToken).toResolvedValue(
      (...byKind: RegisteredContribution[][]) =>
        assembleHost({ logger, engine, plugins, contributions: byKind.flat(), tearDown }),
      contributionTokens.map((serviceIdentifier) => ({ serviceIdentifier, isMultiple: true as const })),
    );
    return await container.getAsync(hostToken);
  } catch (error) {
    // The first error is the one to tell; what fails on the way down is only logged.
    await disposeReversed(ready).catch((later: Error) => logger.warn(later.message));
    throw error;
  }
}

/** One of our engines, or the one of that name that a plugin contributes. */
async function makeEngine(
  config: ResolvedEngineConfig,
  from: {
    readonly plugins: readonly LoadedPlugin[];
    readonly logger: Logger;
    readonly chooseEngine: ChooseEngine | undefined;
  },
): Promise<Engine> {
  const { logger } = from;
  if (isBuiltIn(config)) return (from.chooseEngine ?? chooseEngine)(config, logger);
  const contributions = from.plugins.flatMap((plugin) => plugin.contributions);
  const contribution = findContribution(contributions, 'engine', config.name);
  const place = 'engine.settings';
  const settings = validate(contribution.configSchema, config.settings ?? {}, { code: 'config.invalid', place });
  const engine = await createContribution(contribution, settings as Readonly<Record<string, unknown>>, {
    logger,
    assets: {},
  });
  logger.info(`engine: ${engine.name} (${engine.description}), because the configuration asks for it`);
  return engine;
}

function listOf(plugins: unknown): readonly unknown[] {
  if (Array.isArray(plugins)) return plugins;
  throw new TransfuseError({
    code: 'config.invalid',
    place: 'plugins',
    found: printShort(plugins),
    expected: 'a list of plugins',
    mend: 'Pass `plugins: []` to a host without any.',
  });
}

function moduleOf(plugin: LoadedPlugin): ContainerModule {
  return new ContainerModule(({ bind }) => {
    for (const contribution of plugin.contributions) {
      const index = contributionKinds.indexOf(contribution.kind);
      const identifier = contributionTokens[index];
      if (identifier !== undefined) bind(identifier).toConstantValue(contribution);
    }
  });
}

async function setUp(plugin: LoadedPlugin, config: Readonly<Record<string, unknown>>, logger: Logger): Promise<void> {
  try {
    await plugin.setUp({ config, logger });
  } catch (error) {
    throw pluginFailed(plugin.manifest.name, 'while it was set up', error);
  }
}

function checkContributionNames(plugins: readonly LoadedPlugin[]): void {
  const owners = new Map<string, string>();
  for (const { plugin, kind, name } of plugins.flatMap((item) => item.contributions)) {
    const key = `${kind}:${name}`;
    const owner = owners.get(key);
    if (owner !== undefined) {
      throw new TransfuseError({
        code: 'contribution.duplicate',
        place: `${kind} ${name}`,
        found: owner === plugin ? `two contributions of ${plugin}` : `contributions of both ${owner} and ${plugin}`,
        expected: 'one contribution of that kind and name',
        mend: owner === plugin ? `Rename one of them in ${plugin}.` : 'Remove one of the two plugins.',
      });
    }
    owners.set(key, plugin);
  }
}

function pluginSettings(
  plugins: readonly LoadedPlugin[],
  config: ResolvedConfig['plugin'],
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  const names = plugins.map((plugin) => plugin.manifest.name);
  const unknown = Object.keys(config).find((name) => !names.includes(name));
  if (unknown !== undefined) throw pluginMissing(`plugin.${unknown}`, unknown, names);
  const closed = { type: 'object', additionalProperties: false } as const;
  return new Map(
    plugins.map(({ manifest: { name, configSchema = closed } }) => {
      const given = Object.hasOwn(config, name) ? config[name] : {};
      const settings = validate(configSchema, given, { code: 'plugin.config-invalid', place: `plugin.${name}` });
      return [name, settings as Readonly<Record<string, unknown>>];
    }),
  );
}

/** Something that was set up and must be disposed of. */
interface SetUpPart {
  readonly name: string;
  readonly dispose: () => Promise<void>;
}

async function disposeReversed(ready: SetUpPart[]): Promise<void> {
  const failures: { name: string; error: unknown }[] = [];
  for (const { name, dispose } of ready.splice(0).toReversed()) {
    try {
      await dispose();
    } catch (error) {
      failures.push({ name, error });
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const names = failures.map(({ name }) => name).join(', ');
  const all = new AggregateError(
    failures.map(({ error }) => error),
    `${failures.length} errors, the first of ${first.name}`,
  );
  throw pluginFailed(names, 'while it was disposed of', failures.length === 1 ? first.error : all);
}
