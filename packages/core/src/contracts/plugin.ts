import type { DatasetFactory, Progress } from './dataset.ts';
import type { Engine } from './engine.ts';
import type { Guider } from './guider.ts';
import type { Logger } from './logger.ts';
import type { LossWeighting } from './loss-weighting.ts';
import type { ContinuousAdapter, DiscreteAdapter } from './modality-adapter.ts';
import type { NoiseSchedule } from './noise-schedule.ts';
import type { Sampler } from './sampler.ts';
import type { StepCache } from './step-cache.ts';

/** The version of this plugin API; a manifest's `api` must accept it. */
export const pluginApiVersion = '1.0.0';

/** A JSON schema (draft 2020-12) as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a factory gets besides its own settings. */
export interface CreationContext {
  readonly logger: Logger;
  /** Files of the checkpoint that is being loaded (`tokenizer.json`), empty when a model starts from nothing. */
  readonly assets: Readonly<Record<string, Uint8Array>>;
  /** Texts of the training data, for adapters that learn a vocabulary. Undefined outside training. */
  readonly texts?: () => Iterable<string>;
  /** The engine of the host, for frozen networks that an adapter brings; undefined where a thing is made without a host. */
  readonly engine?: Engine;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** The kinds of things a plugin can contribute, and what their factories make. */
export interface ContributionKinds {
  readonly 'discrete-adapter': DiscreteAdapter;
  readonly 'continuous-adapter': ContinuousAdapter;
  readonly 'noise-schedule': NoiseSchedule;
  readonly 'loss-weighting': LossWeighting;
  readonly sampler: Sampler;
  readonly guider: Guider;
  readonly 'step-cache': StepCache;
  readonly dataset: DatasetFactory;
  readonly engine: Engine;
}

/** The name of a kind of contribution. */
export type ContributionKind = keyof ContributionKinds;

/** One thing a plugin provides: chosen by `kind` and `name` in a configuration. */
export interface Contribution<Kind extends ContributionKind = ContributionKind> {
  readonly kind: Kind;
  /** Unique per kind within a host, for example `linear-patch`. */
  readonly name: string;
  readonly description: string;
  /** Schema of the settings that {@link Contribution.create} takes; settings are validated and defaulted before. */
  readonly configSchema: JsonSchema;
  /** Makes the thing from its settings; whatever it holds is the caller's to dispose of. */
  create(
    config: Readonly<Record<string, unknown>>,
    context: CreationContext,
  ): ContributionKinds[Kind] | Promise<ContributionKinds[Kind]>;
}

/** What a plugin says of itself; checked before anything of it runs. */
export interface PluginManifest {
  /** A package-like name, unique within a host. */
  readonly name: string;
  /** The plugin's own semantic version. */
  readonly version: string;
  /** The range of plugin API versions it works with, for example `^1.0.0`. */
  readonly api: string;
  /** What it contributes, as `kind:name`. */
  readonly provides: readonly string[];
  /** Names of plugins that must be in the same host. */
  readonly requires?: readonly string[];
  /** Schema of the plugin's own configuration (`plugins.<name>` in the host's). */
  readonly configSchema?: JsonSchema;
}

/** What a plugin's set-up gets. */
export interface PluginContext {
  readonly config: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
}

/** A plugin: a manifest, contributions, and optional asynchronous set-up and tear-down. */
export interface Plugin {
  readonly manifest: PluginManifest;
  readonly contributions: readonly Contribution[];
  /** Called once, before anything is created, after the set-up of the plugins it requires. */
  setUp?(context: PluginContext): void | Promise<void>;
  /** Called once, when the host is disposed of, before the plugins it requires; also where a later set-up fails. */
  dispose?(): void | Promise<void>;
}
