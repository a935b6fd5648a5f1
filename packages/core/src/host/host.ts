/// <reference lib="esnext.disposable" preserve="true" />
// The host: what an application holds. It knows the plugins that were loaded, lists what they contribute, makes things
// by kind and name with validated settings, and takes everything down again. Assembling one is create-host.ts's part.
import type {
  ContributionKind,
  ContributionKinds,
  CreationContext,
  JsonSchema,
  PluginManifest,
} from '../contracts/plugin.ts';
import type { Engine } from '../contracts/engine.ts';
import type { Logger } from '../contracts/logger.ts';
import { TransfuseError } from '../errors/index.ts';
import type { RegisteredContribution } from './loaded-plugin.ts';
import type { TransfuseConfig } from './config-types.ts';
import { validateConfig } from './config.ts';
import { createContribution, findContribution } from './create-contribution.ts';
import { type LoadedModel, loadModel, type LoadModelOptions } from './load-model.ts';
import { validate } from './schema-validation.ts';
import { trainModel, type TrainingResult, type TrainModelOptions } from './train-model.ts';

/** One contribution, described. */
export interface ContributionDescription {
  readonly kind: ContributionKind;
  readonly name: string;
  readonly description: string;
  /** The plugin it comes from. */
  readonly plugin: string;
  /** Schema of the settings it takes. */
  readonly configSchema: JsonSchema;
}

/** What {@link Host.create} hands to a factory, and how it speaks of the settings in errors. */
export interface CreateOptions extends Partial<CreationContext> {
  /** Where the settings stand, for example `modalities.image`. Default: kind and name. */
  readonly place?: string;
}

/** A set of plugins at work. */
export interface Host {
  readonly logger: Logger;
  /** The engine that was given or chosen. */
  readonly engine: Engine;
  /** The plugins, in the order they were set up in. */
  plugins(): readonly { readonly manifest: PluginManifest }[];
  /** What plugins contribute, all kinds or one. */
  contributions(kind?: ContributionKind): readonly ContributionDescription[];
  /**
   * Makes a new thing of a kind. Whatever it holds is the caller's to dispose of.
   *
   * @param config its settings, checked and defaulted by the contribution's schema; default `{}`
   * @param options passed to the factory; default: the host's logger and engine, no assets, no texts
   * @throws TransfuseError `contribution.missing`, `config.invalid`, or `plugin.failed` where the factory throws
   *   anything but a TransfuseError or the reason of an aborted `signal`
   */
  create<Kind extends ContributionKind>(
    kind: Kind,
    name: string,
    config?: Readonly<Record<string, unknown>>,
    options?: CreateOptions,
  ): Promise<ContributionKinds[Kind]>;
  /**
   * Loads a checkpoint folder; the model is disposed of with the host, or earlier by its own `dispose`.
   *
   * @param options `weights` stores matrices smaller, which only the compiled engine can; default `float32`
   * @throws TransfuseError `checkpoint.not-found`, `checkpoint.invalid`, `tensor-file.malformed`,
   *   `tokenizer.mismatch`, `config.invalid`, `contribution.missing`
   */
  load(folder: string, options?: LoadModelOptions): Promise<LoadedModel>;
  /**
   * Trains the model a configuration describes, or resumes its run.
   *
   * @throws TransfuseError `config.invalid`, `dataset.unavailable`, `training.diverged`, `file.unwritable`, and what
   *   plugins throw
   */
  train(config: TransfuseConfig, options: TrainModelOptions): Promise<TrainingResult>;
  /**
   * Disposes of a chosen engine and of all plugins, in reverse order; afterwards everything but the
   * logger throws `host.disposed`. A second call returns the same promise.
   *
   * @throws TransfuseError `plugin.failed` when one or more threw, after all have been tried
   */
  dispose(): Promise<void>;
  /** The same as {@link Host.dispose}, for `await using`; present where the runtime knows the symbol. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** What a host is assembled from. */
export interface HostParts {
  readonly logger: Logger;
  readonly engine: Engine;
  readonly plugins: readonly { readonly manifest: PluginManifest }[];
  readonly contributions: readonly RegisteredContribution[];
  /** Takes everything down; called once. */
  readonly tearDown: () => Promise<void>;
}

/** Makes a host of its parts. */
export function assembleHost({ logger, engine, plugins, contributions, tearDown }: HostParts): Host {
  let disposal: Promise<void> | undefined;
  const checkAlive = (member: string) => {
    if (disposal !== undefined) throw disposed(member);
  };
  const models = new Set<LoadedModel>();
  const disposeAll = async () => {
    await Promise.all([...models].map((model) => model.dispose()));
    await tearDown();
  };
  const dispose = () => (disposal ??= disposeAll());
  const host: Omit<Host, typeof Symbol.asyncDispose> = {
    logger,
    get engine() {
      checkAlive('engine');
      return engine;
    },
    plugins() {
      checkAlive('plugins');
      return plugins.map(({ manifest }) => ({ manifest }));
    },
    contributions(kind) {
      checkAlive('contributions');
      return contributions.filter((item) => kind === undefined || item.kind === kind).map(describe);
    },
    async create(kind, name, config = {}, options = {}) {
      checkAlive('create');
      const { place = `${kind} ${name}`, ...context } = options;
      const contribution = findContribution(contributions, kind, name);
      const settings = validate(contribution.configSchema, config, { code: 'config.invalid', place });
      return createContribution(contribution, settings as Readonly<Record<string, unknown>>, {
        logger,
        assets: {},
        engine,
        ...context,
      });
    },
    async load(folder, options = {}) {
      checkAlive('load');
      const model = await loadModel(host as Host, folder, { ...options, onDispose: () => models.delete(model) });
      models.add(model);
      return model;
    },
    async train(config, options) {
      checkAlive('train');
      return trainModel(host as Host, validateConfig(config), options);
    },
    dispose,
  };
  // Browsers that lack the symbol must not get a method called "undefined".
  if (typeof Symbol.asyncDispose === 'symbol') Object.defineProperty(host, Symbol.asyncDispose, { value: dispose });
  return host as Host;
}

function describe({ kind, name, description, plugin, configSchema }: RegisteredContribution): ContributionDescription {
  return { kind, name, description, plugin, configSchema };
}

function disposed(member: string): TransfuseError {
  return new TransfuseError({
    code: 'host.disposed',
    place: `host.${member}`,
    found: 'a host that was disposed of',
    expected: 'a living host',
    mend: 'Create a new host, or dispose of this one later.',
  });
}
