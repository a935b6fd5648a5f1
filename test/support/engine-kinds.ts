/**
 * The engines that the contract tests run on, one after the other. Native TensorFlow is among them where it loads
 * (`TRANSFUSE_TFJS_NODE` may name its folder, see docs/native-tensorflow.md); where it does not, every file that uses
 * this table shows a skipped test that says why.
 */
import { expect, it } from 'vitest';
import type { Engine } from '../../packages/core/src/contracts/index.ts';
import { createCompiledEngine } from '../../packages/core/src/engine/compiled-engine.ts';
import { createEagerEngine } from '../../packages/core/src/engine/eager-engine.ts';

/** How to create an engine, and what it should say of itself. */
export interface EngineKind {
  /** Completes "the … engine". */
  readonly kind: string;
  readonly name: 'compiled' | 'eager';
  readonly description: RegExp;
  create(): Promise<Engine>;
}

/** Why native TensorFlow does not load; undefined where it does. */
export const nativeTensorflowProblem: string | undefined = await createEagerEngine({ backend: 'tensorflow' }).then(
  (engine) => void engine.dispose(),
  (error: Error) => error.message,
);

const nativeTensorflow: EngineKind = {
  kind: 'eager (native TensorFlow)',
  name: 'eager',
  description: /^TensorFlow\.js \d.*, backend tensorflow, TensorFlow \d.*, [cg]pu$/,
  create: () => createEagerEngine({ backend: 'tensorflow' }),
};

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
  ...(nativeTensorflowProblem === undefined ? [nativeTensorflow] : []),
];

const loads = nativeTensorflowProblem === undefined;
it.skipIf(!loads)(`native TensorFlow is tested too${loads ? '' : `; not here: ${nativeTensorflowProblem}`}`, () => {
  expect(engineKinds).toContain(nativeTensorflow);
});
