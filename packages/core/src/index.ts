/**
 * The host and everything an application needs: create a host of plugins, load or train a model, generate. Authors of
 * plugins find the contracts in `@transfuse/core/contracts`, the tensor world in the other entry points.
 */
export * from './host/index.ts';
export { errorCodes, type ErrorCode, TransfuseError, type TransfuseErrorDetails } from './errors/index.ts';
export type { EndReason, GenerationEvent } from './generation/generation-event.ts';
export {
  type DenoisingFiles,
  denoisingFromFiles,
  type DenoisingState,
  denoisingToFiles,
} from './generation/denoising-state.ts';
export type { EditMask } from './generation/edit-mask.ts';
export type { GenerateOptions } from './generation/generation-options.ts';
export type { NoiseKind } from './generation/noise-source.ts';
export type { PromptItem, Want } from './generation/prompt.ts';
export type {
  Dataset,
  DatasetFactory,
  DatasetItem,
  DatasetSplit,
  Logger,
  Plugin,
  PluginManifest,
  Progress,
  RandomSource,
  RawImage,
  Segment,
} from './contracts/index.ts';
export { createRandom } from './random/seeded-random.ts';
export { createTorchRandom } from './random/torch-random.ts';
