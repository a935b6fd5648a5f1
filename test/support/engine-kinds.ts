/**
 * The engines that the contract tests run on, one after the other. Native TensorFlow is among them where it loads
 * (`TRANSFUSE_TFJS_NODE` may name its folder, see docs/native-tensorflow.md), and the graphics processor where a Vulkan
 * driver is found; where they are not, every file that uses this table shows a skipped test that says why, and the run
 * ends with a line on it.
 */
import type { Engine } from '../../packages/core/src/contracts/index.ts';
import { createCompiledEngine } from '../../packages/core/src/engine/compiled-engine.ts';
import { createEagerEngine } from '../../packages/core/src/engine/eager-engine.ts';
import { providerReady } from '../../packages/core/src/engine/execution-provider.ts';
import { TransfuseError } from '../../packages/core/src/errors/index.ts';
import { testPart } from './missing-part-test.ts';
import { vulkanProblem } from './software-vulkan.ts';

/** How to create an engine, and what it should say of itself. */
export interface EngineKind {
  /** Completes "the … engine". */
  readonly kind: string;
  readonly name: 'compiled' | 'eager';
  readonly description: RegExp;
  create(): Promise<Engine>;
}

/** Why something does not work; undefined where it does. */
const problemOf = (attempt: Promise<unknown>): Promise<string | undefined> =>
  attempt.then(
    () => undefined,
    (error: Error) => (error instanceof TransfuseError ? `${error.place}: found ${error.found}` : error.message),
  );

/** Why native TensorFlow does not load; undefined where it does. */
export const nativeTensorflowProblem: string | undefined = await problemOf(
  createEagerEngine({ backend: 'tensorflow' }).then((engine) => engine.dispose()),
);

/** Why no engine can use a graphics processor; undefined where both can. */
export const graphicsProblem: string | undefined =
  vulkanProblem ??
  (await problemOf(createEagerEngine({ backend: 'webgpu' }).then((engine) => engine.dispose()))) ??
  (await problemOf(providerReady('webgpu')));

const nativeTensorflow: EngineKind = {
  kind: 'eager (native TensorFlow)',
  name: 'eager',
  description: /^TensorFlow\.js \d.*, backend tensorflow, TensorFlow \d.*, [cg]pu$/,
  create: () => createEagerEngine({ backend: 'tensorflow' }),
};

/** The eager engine on WebAssembly, which needs nothing of the machine. */
export const wasmKind: EngineKind = {
  kind: 'eager (wasm)',
  name: 'eager',
  description: /^TensorFlow\.js \d.*, backend wasm, (no )?SIMD$/,
  create: () => createEagerEngine({ backend: 'wasm' }),
};

/** The engines on a graphics processor, which {@link engineKinds} has where there is one. */
export const graphicsKinds: readonly EngineKind[] = [
  {
    kind: 'eager (webgpu)',
    name: 'eager',
    description: /^TensorFlow\.js \d.*, backend webgpu, .+$/,
    create: () => createEagerEngine({ backend: 'webgpu' }),
  },
  {
    kind: 'compiled (webgpu)',
    name: 'compiled',
    description: /^ONNX Runtime \d.*, webgpu, default device$/,
    create: async () => createCompiledEngine({ provider: 'webgpu' }),
  },
];

/** Every engine that loads here. */
export const engineKinds: readonly EngineKind[] = [
  {
    kind: 'compiled',
    name: 'compiled',
    description: /^ONNX Runtime \d.*, cpu, 1 threads?$/,
    create: async () => createCompiledEngine({ threads: 1 }),
  },
  {
    kind: 'eager',
    name: 'eager',
    description: /^TensorFlow\.js \d.*, backend cpu$/,
    create: () => createEagerEngine(),
  },
  wasmKind,
  ...(graphicsProblem === undefined ? graphicsKinds : []),
  ...(nativeTensorflowProblem === undefined ? [nativeTensorflow] : []),
];

testPart(
  {
    what: 'the engine conformance on native TensorFlow',
    problem: nativeTensorflowProblem,
    mend: 'TRANSFUSE_TFJS_NODE may name an installation, see docs/native-tensorflow.md',
  },
  () => engineKinds.includes(nativeTensorflow),
);
testPart(
  {
    what: 'the engine conformance on WebGPU',
    problem: graphicsProblem,
    mend: 'see docs/engines.md for the driver it takes',
  },
  () => graphicsKinds.every((kind) => engineKinds.includes(kind)),
);
