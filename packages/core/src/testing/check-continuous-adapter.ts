/**
 * The checks of a continuous adapter: its frozen half leads from values to latents and back, its trainable half agrees
 * with the grid it declares, learns with every weight, and can be compiled.
 */
import type { Engine } from '../contracts/engine.ts';
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import * as tensors from './adapter-tensor-checks.ts';
import type { AdapterTrial } from './adapter-trial.ts';
import { type CheckOptions, type CheckSuite, createSuite } from './check-suite.ts';
import * as codec from './codec-checks.ts';
import { requireSamples } from './samples.ts';
import { insistSlopes } from './slope-check.ts';

/** What a continuous adapter's suite takes. */
export interface ContinuousAdapterCheckOptions<Raw> extends CheckOptions {
  /** Values to encode, at least one; of several sizes where the adapter takes several. */
  readonly samples: readonly Raw[];
  /** The model's width D that weights are made for. @default 16 */
  readonly modelWidth?: number;
  /** How much the codec may lose: a latent against itself decoded and encoded again. @default 0.01 */
  readonly codec?: number;
  /** How far compiled and eager results may lie apart, relative to the largest number. @default 1e-5 */
  readonly engines?: number;
  /** Whether tokens or predictions depend on the time. @default 'used' */
  readonly time?: 'used' | 'ignored';
  /** Values that `encode` must refuse. @default [undefined] */
  readonly invalid?: readonly unknown[];
  /** Sizes that `latentShape` must answer, where the adapter has it: `{ width: 32, height: 32 }`. @default [] */
  readonly sizes?: readonly Readonly<Record<string, number>>[];
}

/**
 * The suite of a continuous adapter. Every check of the half that learns is made at every latent shape the adapter
 * declares. It runs small tensors on TensorFlow.js's plain CPU backend and on the compiled engine: keep the shapes small,
 * a few thousand numbers each, and few.
 *
 * @example
 * ```ts
 * import { linearPatchImage } from '@transfuse/adapters/image';
 * import { checkContinuousAdapter } from '@transfuse/core/testing';
 * const picture = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).map((_, index) => index) };
 * const suite = checkContinuousAdapter(() => linearPatchImage({ size: 8, patchSize: 4 }), { samples: [picture] });
 * console.assert((await suite.run()).outcome === 'passed');
 * ```
 */
export function checkContinuousAdapter<Raw>(
  create: () => ContinuousAdapter<Raw> | Promise<ContinuousAdapter<Raw>>,
  options: ContinuousAdapterCheckOptions<Raw>,
): CheckSuite {
  const {
    samples,
    modelWidth = 16,
    codec: loss = 0.01,
    engines = 1e-5,
    time = 'used',
    invalid = [undefined],
    sizes = [],
  } = options;
  requireSamples('checkContinuousAdapter', samples);
  const made = async () => (await create()) as ContinuousAdapter;
  const each = (check: (trial: AdapterTrial, engine: Engine) => void | Promise<void>) => async () => {
    const engine = await createEagerEngine();
    try {
      for (const trial of await trials(await made(), samples, modelWidth)) await check(trial, engine);
    } finally {
      await engine.dispose();
    }
  };
  return createSuite(
    'continuous adapter',
    {
      'says what it is': async () => codec.insistDescription(await made()),
      'encodes values to finite latents of moderate size': async () => codec.insistLatents(await made(), samples),
      'decodes what it encoded': async () => codec.insistRoundTrip(await made(), samples, loss),
      'decodes latents far out of range': async () => codec.insistClamped(await made()),
      'refuses what it cannot encode, in words': async () => codec.insistRefusals(await made(), invalid),
      'has a grid of its own for every latent shape': async () => codec.insistDistinctGrids(await made()),
      'answers sizes with its latent shapes': async () => codec.insistSizes(await made(), sizes),
      'declares its weights and its grid of tokens': each(tensors.insistDeclarations),
      'embeds to and predicts from the tokens of its grid': each(tensors.insistShapes),
      'treats every item of a batch by itself': each(tensors.insistIndependentItems),
      [time === 'used' ? 'knows how much noise there is' : 'ignores the time, as declared']: each((trial, engine) =>
        tensors.insistTime(trial, engine, time),
      ),
      'lets gradients reach every weight and every number': each(tensors.insistGradientsReach),
      'has the gradients that finite differences measure': each(insistSlopes),
      'computes the same when it is compiled': each(async (trial, eager) => {
        const compiled = createCompiledEngine({ threads: 1, cache: 'none' });
        await tensors.insistTraceable(trial, eager, compiled, engines).finally(() => compiled.dispose());
      }),
    },
    options,
  );
}

/** One trial per latent shape: those that are declared, and whatever else a sample is encoded to. */
async function trials(
  adapter: ContinuousAdapter,
  samples: readonly unknown[],
  modelWidth: number,
): Promise<readonly AdapterTrial[]> {
  const shapes = new Map<string, readonly number[]>();
  const latents = await Promise.all(samples.map((sample) => adapter.encode(sample)));
  for (const shape of [...codec.declaredShapes(adapter), ...latents.map((latent) => latent.shape)]) {
    shapes.set(shape.join(', '), shape);
  }
  return [...shapes].map(([text, latentShape]) => ({
    adapter,
    latentShape,
    modelWidth,
    where: `For a latent [${text}]`,
  }));
}
