export { generate } from './generate.ts';
export type { EndReason, GenerationEvent } from './generation-event.ts';
export type { DiffusionSettings, GenerateOptions } from './generation-options.ts';
export type { KeyValueCache } from './key-value-cache.ts';
export { type BlockReader, createModelRunner, type ModelRunner } from './model-runner.ts';
export type { PromptItem, Want } from './prompt.ts';
