export { chooseEngine, type EngineChoice } from './choose-engine.ts';
export { type CompiledEngineOptions, createCompiledEngine } from './compiled-engine.ts';
export { createEagerEngine, type EagerEngineOptions } from './eager-engine.ts';
export { crossEntropy } from './primitives/cross-entropy.ts';
export { gatherRows } from './primitives/gather-rows.ts';
export { rmsNormalize } from './primitives/rms-normalize.ts';
export { rotate, type RotaryTable } from './primitives/rotate.ts';
export { swiglu } from './primitives/swiglu.ts';
