export { createHost, type ChooseEngine, type CreateHostOptions } from './create-host.ts';
export { defineConfig, validateConfig } from './config.ts';
export type {
  AdapterSettings,
  EmaConfig,
  BuiltInEngineConfig,
  EngineConfig,
  GuidanceConfig,
  HostConfig,
  ModelConfig,
  ModelPresetName,
  NamedSettings,
  ObjectiveConfig,
  ResolvedConfig,
  ResolvedEngineConfig,
  ResolvedModelConfig,
  ResolvedObjectiveConfig,
  ResolvedSamplingConfig,
  SamplingConfig,
  TrainConfig,
  TransfuseConfig,
} from './config-types.ts';
export { configSchema } from './config-schema.ts';
export { contribution, type ContributionDefinition, definePlugin, type SettingsOf } from './define-plugin.ts';
export type { ContributionDescription, CreateOptions, Host } from './host.ts';
export { createConsoleLogger, type LogLevel } from './logger.ts';
export { manifestSchema, validateManifest } from './manifest.ts';
export { defaultFeedForwardWidth, type ModelPreset, modelPresetNames, modelPresets } from './model-presets.ts';
export { validate, type ValidationPlace } from './schema-validation.ts';
export type { ExportedModel, ExportModelOptions } from './export-model.ts';
export type { LoadedModel, LoadModelOptions } from './load-model.ts';
export type { HostGenerateOptions } from './generation-choices.ts';
export type { SampledModel, TrainingProgress, TrainingResult, TrainModelOptions } from './train-model.ts';
export { buildModel, checkWeights, disposeAdapters } from './build-model.ts';
