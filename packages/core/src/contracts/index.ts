export type { Dataset, DatasetFactory, DatasetItem, DatasetSplit, Progress } from './dataset.ts';
export type {
  CompiledFunction,
  CompileOptions,
  Engine,
  TensorFunction,
  TensorFunctionResult,
  TensorStore,
  WeightFormat,
} from './engine.ts';
export type { Branch, Guider, GuidanceInput, GuidanceMoment, GuidanceResult } from './guider.ts';
export type { Logger } from './logger.ts';
export type { LossWeighting } from './loss-weighting.ts';
export type {
  ContinuousAdapter,
  DiscreteAdapter,
  Embedded,
  IncrementalDecoder,
  ModalityAdapter,
} from './modality-adapter.ts';
export type { NoiseLevel, NoiseSchedule, PredictionType } from './noise-schedule.ts';
export type { Initializer, ParameterDeclaration, ParameterSpec } from './parameters.ts';
export {
  type Contribution,
  type ContributionKind,
  type ContributionKinds,
  type CreationContext,
  type JsonSchema,
  type Plugin,
  type PluginContext,
  type PluginManifest,
  pluginApiVersion,
} from './plugin.ts';
export type { RawAudio } from './raw-audio.ts';
export type { RawImage } from './raw-image.ts';
export type { RandomSource } from './random-source.ts';
export type {
  DenoisingEstimate,
  PlannedEvaluation,
  Sampler,
  SamplerState,
  SamplingRequest,
  SamplingRun,
  SamplingStart,
} from './sampler.ts';
export type { Segment } from './segment.ts';
export type { EvaluatedOutput, StepCache } from './step-cache.ts';
export type { DType, HostTensor, Latent, NamedTensors, TensorSpec } from './tensors.ts';
export {
  errorCodes,
  type ErrorCode,
  nearestName,
  TransfuseError,
  type TransfuseErrorDetails,
} from '../errors/index.ts';
