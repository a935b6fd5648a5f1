export { chooseEngine, type EngineChoice } from './choose-engine.ts';
export { type EngineCache } from './cache-folder.ts';
export { compileByShape, type CompileByShapeOptions, type ShapedFunction } from './compile-by-shape.ts';
export { type CompiledEngine, type CompiledEngineOptions, createCompiledEngine } from './compiled-engine.ts';
export type { WeightFormat } from '../contracts/engine.ts';
export { type ExportedFunction, type ExportedValue, exportFunction, type ExportOptions } from './export-function.ts';
export type { ExecutionProvider } from './execution-provider.ts';
export type { EngineProfile, FunctionProfile, ProfileRow } from './engine-profile.ts';
export { profileTable, type ProfileTableOptions } from './profile-table.ts';
export { createEagerEngine, type EagerEngineOptions } from './eager-engine.ts';
export {
  findNativeTensorflow,
  nativeTensorflowFolder,
  type NativeTensorflowPlace,
  type NativeTensorflowSearch,
  nativeTensorflowVariable,
} from './eager/native-tensorflow-places.ts';
export { crossEntropy } from './primitives/cross-entropy.ts';
export { gatherRows, pickRows } from './primitives/gather-rows.ts';
export { rmsNormalize } from './primitives/rms-normalize.ts';
export { rotate, type RotaryTable } from './primitives/rotate.ts';
export { swiglu } from './primitives/swiglu.ts';
