// The border for configurations: a typing helper for configuration files, and the validation that turns what a person
// wrote into a `ResolvedConfig`. Settings of plugins, data sets, adapters, schedules and samplers are passed through
// untouched: each is validated by its own schema when the host creates the thing.
import { TransfuseError } from '../errors/index.ts';
import { configSchema, engineSchema, pluginSettingsSchema } from './config-schema.ts';
import type {
  BuiltInEngineConfig,
  HostConfig,
  ResolvedConfig,
  ResolvedEngineConfig,
  TransfuseConfig,
} from './config-types.ts';
import { resolveModel } from './model-presets.ts';
import { validate } from './schema-validation.ts';
import { printShort } from './short-value.ts';

const where = { code: 'config.invalid', place: '' } as const;

/**
 * Types a configuration in an editor; returns it unchanged and unchecked.
 *
 * @example
 * ```ts
 * import { defineConfig } from '@transfuse/core';
 * export default defineConfig({
 *   data: { name: 'emoji' },
 *   model: { preset: 'tiny' },
 *   modalities: { text: { adapter: 'bpe' }, image: { adapter: 'linear-patch', patchSize: 4 } },
 *   train: { steps: 20_000 },
 * });
 * ```
 */
export function defineConfig(config: TransfuseConfig): TransfuseConfig {
  return config;
}

/**
 * Checks a whole configuration and fills in every default. The value is not changed; the result resolves to itself.
 *
 * @throws TransfuseError `config.invalid`, its place being the path of the bad field, for example `model.width`
 *
 * @example
 * ```ts
 * import { validateConfig } from '@transfuse/core';
 * const config = validateConfig({
 *   data: { name: 'emoji' },
 *   model: { preset: 'nano' },
 *   modalities: { text: { adapter: 'bpe' } },
 *   train: { steps: 100 },
 * });
 * console.assert(config.model.width === 64 && config.train.warmup === 100);
 * ```
 */
export function validateConfig(value: unknown): ResolvedConfig {
  const { plugins, rest } = withoutPlugins(value);
  const checked = validate(configSchema, rest, where);
  checkEngine(checked.engine);
  const { train } = checked;
  const model = resolveModel(checked.model);
  const warmup = train.warmup ?? Math.min(500, train.steps);
  if (warmup > train.steps) {
    throw invalid('train.warmup', warmup, `at most train.steps, ${train.steps}`, 'Warm up for fewer steps.');
  }
  if (train.rowLength > model.sequenceLength) {
    const expected = `at most model.sequenceLength, ${model.sequenceLength}`;
    throw invalid('train.rowLength', train.rowLength, expected, 'Shorten the rows, or raise `model.sequenceLength`.');
  }
  return { ...checked, plugins, model, train: { ...train, warmup } };
}

/**
 * Checks the part of a configuration that a host uses; other sections are ignored.
 *
 * @throws TransfuseError `config.invalid`
 */
export function validateHostConfig(config: HostConfig): {
  readonly plugin: ResolvedConfig['plugin'];
  readonly engine: ResolvedEngineConfig;
} {
  const plugin = validate(pluginSettingsSchema, config.plugin, { ...where, place: 'plugin' });
  const engine = validate(engineSchema, config.engine, { ...where, place: 'engine' });
  checkEngine(engine);
  return { plugin, engine };
}

// Plugins are code: they are kept as they are instead of being copied with the plain data.
function withoutPlugins(value: unknown): { plugins: ResolvedConfig['plugins']; rest: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { plugins: [], rest: value };
  const { plugins = [], ...rest } = value as { plugins?: unknown };
  if (!Array.isArray(plugins)) {
    throw invalid(
      'plugins',
      plugins,
      'a list of plugins or module names',
      'Write a list, for example `[text, image]`.',
    );
  }
  return { plugins: [...plugins] as ResolvedConfig['plugins'], rest };
}

/** Whether an engine is one of ours, which need no plugin. */
export function isBuiltIn(engine: ResolvedEngineConfig): engine is BuiltInEngineConfig {
  return ['auto', 'compiled', 'eager'].includes(engine.name);
}

function checkEngine(engine: ResolvedEngineConfig): void {
  const { name, backend, provider, settings } = engine;
  const foreign = isBuiltIn(engine)
    ? settings !== undefined && 'settings'
    : (['backend', 'provider', 'threads', 'cache'] as const).find((field) => engine[field] !== undefined);
  if (foreign) {
    const mend = `Remove \`engine.${foreign}\`, or name another engine.`;
    throw invalid(`engine.${foreign}`, engine[foreign], `nothing that the engine "${name}" does not have`, mend);
  }
  if (provider !== undefined && (name === 'eager' || backend !== undefined)) {
    const mend = 'Remove `engine.provider`, or the name and backend of the eager engine.';
    throw invalid('engine.provider', provider, 'no provider beside the eager engine', mend);
  }
  if (name !== 'compiled' || backend === undefined) return;
  const mend = 'Remove `engine.backend`, or set `engine.name` to "eager".';
  throw invalid('engine.backend', backend, 'no backend beside the compiled engine', mend);
}

function invalid(place: string, found: unknown, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place, found: printShort(found), expected, mend });
}
