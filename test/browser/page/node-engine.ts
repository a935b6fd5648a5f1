/** A page as it must not be: it uses the engine of Node.js. */
import { createCompiledEngine } from '../../../packages/core/src/engine/compiled-engine.ts';

Object.assign(globalThis, { transfusePage: createCompiledEngine() });
