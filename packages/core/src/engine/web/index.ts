/**
 * The engine for browsers (`@transfuse/core/engine/web`). It imports nothing of Node.js, and neither do the primitives that
 * adapters use, which are here too.
 */
export { compileByShape, type CompileByShapeOptions, type ShapedFunction } from '../compile-by-shape.ts';
export { type BrowserEngineOptions, createBrowserEngine } from './browser-engine.ts';
export type { BrowserProvider, WasmPaths } from './web-module.ts';
export { crossEntropy } from '../primitives/cross-entropy.ts';
export { gatherRows, pickRows } from '../primitives/gather-rows.ts';
export { rmsNormalize } from '../primitives/rms-normalize.ts';
export { rotate, type RotaryTable } from '../primitives/rotate.ts';
export { swiglu } from '../primitives/swiglu.ts';
