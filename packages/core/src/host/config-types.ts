// The configuration of a Transfuse project as people write it (`TransfuseConfig`) and as the host uses it after
// validation (`ResolvedConfig`, every default filled in). Defaults and ranges stand at each field; the schema that
// enforces them is in config-schema.ts. The diffusion settings follow Zhou et al. 2024 (arXiv 2408.11039) in name.
import type { PredictionType } from '../contracts/noise-schedule.ts';
import type { Plugin } from '../contracts/plugin.ts';

/** A contribution chosen by name, with its own settings beside the name. */
export interface NamedSettings {
  readonly name: string;
  readonly [setting: string]: unknown;
}

/** A modality adapter chosen by name, with its own settings beside it. */
export interface AdapterSettings {
  /** The name of a `discrete-adapter` or `continuous-adapter` contribution. */
  readonly adapter: string;
  /**
   * `grid` puts tokens that tell the shape of a block's grid before it, one per axis, so that the model decides how large a
   * picture or how long a sound is. For adapters with several latent shapes. Default `none`.
   */
  readonly shapeTokens?: 'none' | 'grid';
  readonly [setting: string]: unknown;
}

/** How tensor functions are run. */
export interface EngineConfig {
  /** `compiled`, `eager`, or the name of an `engine` contribution. Default `auto`: compiled where that can run, otherwise eager. */
  readonly name?: 'auto' | 'compiled' | 'eager' | (string & {});
  /** Settings of an engine that a plugin contributes; not with ours. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The TensorFlow.js backend of the eager engine, for example `cpu`; not with `compiled`. */
  readonly backend?: string;
  /** Where the compiled engine computes: `cpu`, the default, or a graphics processor; not with `eager`. */
  readonly provider?: 'cpu' | 'webgpu' | 'cuda';
  /** Threads of the runtime, at least 1; by default it decides itself. */
  readonly threads?: number;
  /** Where the compiled engine keeps functions between processes. Without it a folder of the user's, or what `TRANSFUSE_CACHE` names. */
  readonly cache?: 'none' | { readonly folder: string };
}

/** The names of ready-made model sizes: those of the paper, and three that train on a laptop. */
export type ModelPresetName =
  | 'paper-0.16b'
  | 'paper-0.37b'
  | 'paper-0.76b'
  | 'paper-1.4b'
  | 'paper-7b'
  | 'nano'
  | 'tiny'
  | 'small';

/** The shape of the transformer. Give a preset, or `width`, `depth` and `heads`; a field given beside a preset wins. */
export interface ModelConfig {
  readonly preset?: ModelPresetName;
  /** Features per position; divisible by 2 and by `heads`. */
  readonly width?: number;
  /** Number of blocks, at least 1. */
  readonly depth?: number;
  /** Attention heads, at least 1; `width / heads` must be even (rotary positions turn pairs). */
  readonly heads?: number;
  /** Heads of keys and values, shared by groups of query heads; divides `heads`. Default: `heads`. */
  readonly keyValueHeads?: number;
  /** Hidden features of the feed-forward layer. Default: 8/3 of `width`, rounded up to a multiple of 32. */
  readonly feedForwardWidth?: number;
  /** The most positions a sequence can have. Default: the preset's, or 1024. */
  readonly sequenceLength?: number;
  /** Base of the rotary position frequencies. Default 10000. */
  readonly ropeBase?: number;
  /** How positions are told apart: by their place in the sequence, or tokens of a block by row, column and so on (`axial`). Default `sequence`. */
  readonly positions?: 'sequence' | 'axial';
  /** Added to the mean square in root-mean-square norms. Default 1e-5. */
  readonly normEpsilon?: number;
  /** Whether queries and keys are normalised before attention. Default `none`. */
  readonly queryKeyNorm?: 'none' | 'rms';
  /** Whether the language head has its own matrix or uses the embedding's. Default `untied`. */
  readonly head?: 'untied' | 'tied';
}

/** What is learned: the sum of next-token loss and weighted diffusion loss. */
export interface ObjectiveConfig {
  /** Weight of the diffusion loss, at least 0. Default 5 (the paper's lambda). */
  readonly diffusionWeight?: number;
  /** A `noise-schedule` contribution and its settings. Default `{ name: 'flow-matching' }`. */
  readonly schedule?: { readonly name?: string; readonly [setting: string]: unknown };
  /** What the network predicts. Default `sample`. */
  readonly prediction?: PredictionType;
  /** In which parametrisation the squared error is taken. Default `velocity`. */
  readonly lossSpace?: PredictionType;
  /** The distance from either end of time, above 0 and at most 0.5, within which loss weights stop growing. Default 0.05. */
  readonly minimumLossTime?: number;
  /** A `loss-weighting` contribution and its settings: how much an error of the network's output counts at a noise level. It takes the place of `lossSpace` and `minimumLossTime`. */
  readonly weighting?: NamedSettings;
  /** Weights of modalities within the diffusion loss, by name; those left out count 1. Default {}. */
  readonly modalityWeights?: Readonly<Record<string, number>>;
  /** Share of pairs of a caption and a value of any continuous modality (a picture, a sound, one of yours) in which the caption stands first, 0 to 1. Default 0.8. */
  readonly captionFirst?: number;
  /** Share of captions left out, for guidance, 0 to 1. Default 0.1. */
  readonly captionDropout?: number;
  /** Highest noise time of values of any continuous modality, not of images alone, where they stand before their caption, above 0 and at most 1. Default 0.5. */
  readonly imageFirstTimeCap?: number;
}

/** How continuous blocks are generated. */
export interface SamplingConfig {
  /** A `sampler` contribution and its settings. Default `{ name: 'euler' }`. */
  readonly sampler?: { readonly name?: string; readonly [setting: string]: unknown };
  /** Network evaluations per block, at least 1. Default 50. */
  readonly steps?: number;
  /** A classifier-free guidance scale, 0 to 1000 (1 is none), or a `guider` contribution and its settings, or a list of them. Default 3. */
  readonly guidance?: GuidanceConfig;
  /** A negative prompt: what guidance leads away from instead of no text. */
  readonly negative?: string;
  /** A `step-cache` contribution and its settings; without it the network is asked at every evaluation. */
  readonly stepCache?: NamedSettings;
}

/** Guidance as written in a configuration: a classifier-free scale, a guider, or guiders applied one after another. */
export type GuidanceConfig = number | NamedSettings | readonly NamedSettings[];

/** The running average of the parameters. */
export interface EmaConfig {
  /** From 0 to below 1. Default 0.9999. */
  readonly decay?: number;
  /** Whether the decay starts small and grows with the steps. Default `ramp`. */
  readonly warm?: 'ramp' | 'none';
}

/** How training runs. */
export interface TrainConfig {
  /** Optimizer steps, at least 1. */
  readonly steps: number;
  /** Packed rows per step. Default 16. */
  readonly rows?: number;
  /** Tokens per row; at most `model.sequenceLength`. Default 128. */
  readonly rowLength?: number;
  /** Batches whose gradients are averaged into one step. Default 1. */
  readonly accumulate?: number;
  /** Peak learning rate. Default 3e-4. */
  readonly learningRate?: number;
  /** The last learning rate as a share of the peak, 0 to 1. Default 0.05. */
  readonly finalLearningRateRatio?: number;
  /** Steps of linear warm-up; at most `steps`. Default 500, or `steps` where that is less. */
  readonly warmup?: number;
  /** AdamW's decay rates, each from 0 to below 1. Default [0.9, 0.95]. */
  readonly betas?: readonly [number, number];
  /** AdamW's epsilon, at least 1e-15. Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay. Default 0.1. */
  readonly weightDecay?: number;
  /** The gradient norm above which gradients are scaled down. Default 1. */
  readonly clip?: number;
  readonly ema?: EmaConfig;
  /** Decides everything random in the run. Default 0. */
  readonly seed?: number;
  /** Steps between checkpoints. Default 1000. */
  readonly checkpointEvery?: number;
  /** Steps between log lines. Default 10. */
  readonly logEvery?: number;
  /** Steps between samples; 0, the default, is never. */
  readonly sampleEvery?: number;
}

/** What a host needs of a configuration: settings of plugins by their names, and the engine. */
export interface HostConfig {
  readonly plugin?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly engine?: EngineConfig;
}

/** The whole configuration of a project, as written in `transfuse.config.ts`. */
export interface TransfuseConfig extends HostConfig {
  /** Plugins, or specifiers of modules that export one. */
  readonly plugins?: readonly (Plugin | string)[];
  /** A `dataset` contribution and its settings. */
  readonly data: NamedSettings;
  readonly model: ModelConfig;
  /** At least one modality, by the name its segments carry. */
  readonly modalities: Readonly<Record<string, AdapterSettings>>;
  readonly objective?: ObjectiveConfig;
  readonly sampling?: SamplingConfig;
  readonly train: TrainConfig;
}

/** The transformer's shape with nothing left open; the preset has been applied. */
export type ResolvedModelConfig = Required<Omit<ModelConfig, 'preset'>>;

/** The engine settings with the engine's name filled in. */
export type ResolvedEngineConfig = EngineConfig & { readonly name: string };

/** The settings of one of our own engines. */
export type BuiltInEngineConfig = ResolvedEngineConfig & { readonly name: 'auto' | 'compiled' | 'eager' };

/** The objective with every default filled in. */
export type ResolvedObjectiveConfig = Required<Omit<ObjectiveConfig, 'weighting'>> &
  Pick<ObjectiveConfig, 'weighting'> & { readonly schedule: NamedSettings };

/** The sampling settings with every default filled in. */
export type ResolvedSamplingConfig = Required<Omit<SamplingConfig, 'stepCache' | 'negative'>> &
  Pick<SamplingConfig, 'stepCache' | 'negative'> & { readonly sampler: NamedSettings };

/** A validated configuration, every default filled in. It is itself a valid configuration that resolves to itself. */
export interface ResolvedConfig {
  readonly plugins: readonly (Plugin | string)[];
  readonly plugin: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly engine: ResolvedEngineConfig;
  readonly data: NamedSettings;
  readonly model: ResolvedModelConfig;
  readonly modalities: Readonly<Record<string, AdapterSettings>>;
  readonly objective: ResolvedObjectiveConfig;
  readonly sampling: ResolvedSamplingConfig;
  readonly train: Required<TrainConfig> & { readonly ema: Required<EmaConfig> };
}
