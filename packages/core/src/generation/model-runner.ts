/**
 * Compiles and keeps the functions of generation, by the sizes they are needed for. It owns the compiled functions and
 * releases them; the weights belong to whoever made their store.
 */
import type { CompiledFunction, Engine, TensorStore, WeightFormat } from '../contracts/engine.ts';
import type { HostTensor, Latent } from '../contracts/tensors.ts';
import { elementCount } from '../engine/check-feed.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type DocumentLayout, noTarget } from '../sequence/document-layout.ts';
import { blockKindName, gridSize } from '../sequence/block-kind.ts';
import { blockPositions } from '../sequence/block-positions.ts';
import { type BatchShape, countKinds, packRows } from '../sequence/pack-rows.ts';
import {
  nextToken,
  nextTokenInputs,
  wholeBlock,
  wholeBlockInputs,
  wholeSequence,
  wholeSequenceInputs,
} from './forward-functions.ts';
import { createKeyValueCache, type KeyValueCache, stackCaches } from './key-value-cache.ts';

type Outputs = Readonly<Record<string, HostTensor>>;

/** Runs a model forward. Returned arrays are valid until the next call. */
export interface ModelRunner {
  readonly model: TransfusionModel;
  /** Reads a whole sequence; `times` gives each block's time, in order. */
  readSequence(layout: DocumentLayout, times: readonly number[]): Promise<Outputs>;
  /** Reads a sequence of clean blocks into a new cache; resolves to it and the logits after the last position. */
  startCache(layout: DocumentLayout): Promise<{ readonly cache: KeyValueCache; readonly logits: Float32Array }>;
  /** Reads one token, appends it to the cache and resolves to the logits after it. */
  readToken(cache: KeyValueCache, id: number): Promise<Float32Array>;
  /** Prepares denoising one block of a latent shape against caches of several branches. */
  startBlock(modality: string, latentShape: readonly number[], caches: readonly KeyValueCache[]): Promise<BlockReader>;
  /** Reads a clean block and appends it to the cache. */
  readBlock(cache: KeyValueCache, modality: string, latent: Latent): Promise<void>;
  /** Releases the compiled functions; the weights' store is its owner's. */
  dispose(): Promise<void>;
}

/** Evaluates one block against frozen prefixes. */
export interface BlockReader {
  /** The network's output for each branch, at a noisy latent and time. */
  predict(latent: Float32Array, time: number): Promise<readonly Float32Array[]>;
}

const smallestLength = 16;

const powerAtLeast = (value: number, smallest: number) => {
  let power = smallest;
  while (power < value) power *= 2;
  return power;
};

/** Settings of {@link createModelRunner}. */
export interface ModelRunnerOptions {
  /**
   * How the store's present values are baked into every function, which makes functions faster: as they are (`float32`,
   * the default) or smaller. `live` reads the store at every call instead, for samples during training.
   */
  readonly weights?: WeightFormat | 'live';
}

/** Creates a runner. Calls throw `config.invalid` for smaller weights where the engine has none. */
export function createModelRunner(
  model: TransfusionModel,
  engine: Engine,
  parameters: TensorStore,
  { weights = 'float32' }: ModelRunnerOptions = {},
): ModelRunner {
  const functions = new Map<string, Promise<CompiledFunction>>();
  const compiled = (
    name: string,
    create: () => Pick<Parameters<Engine['compile']>[1], 'inputs'> & { readonly run: Parameters<Engine['compile']>[0] },
  ): Promise<CompiledFunction> => {
    let promise = functions.get(name);
    if (promise === undefined) {
      const { run, inputs } = create();
      promise = engine.compile(run, {
        name,
        inputs,
        stores: { parameters },
        ...(weights !== 'live' && { frozen: ['parameters'], weights }),
      });
      functions.set(name, promise);
    }
    return promise;
  };

  const { positionAxes } = model;
  const gridOf = (modality: string, shape: readonly number[]) => model.continuous[modality]!.tokenGrid(shape);

  const sequenceShape = (layout: DocumentLayout): BatchShape => {
    const rowLength = powerAtLeast(layout.length, smallestLength);
    return {
      rows: 1,
      rowLength,
      asked: 0,
      silent: rowLength,
      positionAxes,
      blocks: Object.fromEntries(
        [...countKinds(layout)]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, kind]) => [name, { ...kind, count: powerAtLeast(kind.count, 1) }]),
      ),
    };
  };

  const readSequence: ModelRunner['readSequence'] = async (layout, times) => {
    const shape = sequenceShape(layout);
    const packed = packRows([{ ...layout, targets: new Int32Array(layout.length).fill(noTarget) }], shape);
    const run = await compiled(`whole-sequence ${JSON.stringify([shape.rowLength, shape.blocks])}`, () => ({
      run: wholeSequence(model, shape),
      inputs: wholeSequenceInputs(shape),
    }));
    const { ids, order, inverse, positions, documentIds, blockIds } = packed;
    const feeds: Record<string, HostTensor['data']> = {
      ids,
      order,
      inverse,
      positions,
      documentIds,
      blockIds,
      asked: Int32Array.of(layout.length - 1),
    };
    for (const [kind, { count, latentShape }] of Object.entries(shape.blocks)) {
      const size = elementCount(latentShape);
      const latents = new Float32Array(count * size);
      const shownAt = new Float32Array(count);
      let index = 0;
      layout.blocks.forEach((block, number) => {
        if (blockKindName(block.modality, block.latent.shape) !== kind) return;
        latents.set(block.latent.data, index * size);
        shownAt[index++] = times[number]!;
      });
      feeds[`${kind}.latent`] = latents;
      feeds[`${kind}.time`] = shownAt;
    }
    return run.run(feeds);
  };

  const runBlock = async (
    modality: string,
    latentShape: readonly number[],
    lengths: readonly number[],
    cached: { readonly capacity: number; readonly feeds: Readonly<Record<string, Float32Array>> },
  ) => {
    const grid = gridOf(modality, latentShape);
    const tokens = gridSize(grid);
    const branches = lengths.length;
    const shape = { modality, latentShape, tokens, branches, capacity: cached.capacity };
    const kind = blockKindName(modality, latentShape);
    const run = await compiled(`whole-block ${kind} x${branches} ${cached.capacity}`, () => ({
      run: wholeBlock(model, shape),
      inputs: wholeBlockInputs(model, shape),
    }));
    const positions = new Int32Array(positionAxes * branches * tokens);
    lengths.forEach((start, branch) => {
      const own = blockPositions(start, grid, positionAxes); // [A, N], to be put into [A, B, N]
      for (let axis = 0; axis < positionAxes; axis++) {
        positions.set(own.subarray(axis * tokens, (axis + 1) * tokens), (axis * branches + branch) * tokens);
      }
    });
    const size = elementCount(latentShape);
    const latents = new Float32Array(branches * size);
    return (latent: Float32Array, time: number) => {
      for (let branch = 0; branch < branches; branch++) latents.set(latent, branch * size);
      return run.run({
        latent: latents,
        time: new Float32Array(branches).fill(time),
        positions,
        ...cached.feeds,
      });
    };
  };

  return {
    model,
    readSequence,
    async startCache(layout) {
      const outputs = await readSequence(
        layout,
        layout.blocks.map(() => 0),
      );
      const cache = createKeyValueCache(model.transformer);
      cache.append(outputs, layout.length);
      return { cache, logits: outputs['logits']!.data as Float32Array };
    },
    async readToken(cache, id) {
      cache.reserve(1);
      const run = await compiled(`next-token ${cache.capacity}`, () => ({
        run: nextToken(model),
        inputs: nextTokenInputs(model, cache.capacity),
      }));
      const outputs = await run.run({
        ids: Int32Array.of(id),
        positions: new Int32Array(positionAxes).fill(cache.length),
        ...cache.feeds(),
      });
      cache.append(outputs, 1);
      return outputs['logits']!.data as Float32Array;
    },
    async startBlock(modality, latentShape, caches) {
      const run = await runBlock(
        modality,
        latentShape,
        caches.map(({ length }) => length),
        stackCaches(caches, model.transformer),
      );
      const size = elementCount(latentShape);
      return {
        async predict(latent, time) {
          const { data } = (await run(latent, time))['prediction']!;
          return caches.map((_, branch) => (data as Float32Array).slice(branch * size, (branch + 1) * size));
        },
      };
    },
    async readBlock(cache, modality, latent) {
      const tokens = gridSize(gridOf(modality, latent.shape));
      cache.reserve(tokens);
      const cached = { capacity: cache.capacity, feeds: cache.feeds() };
      const run = await runBlock(modality, latent.shape, [cache.length], cached);
      cache.append(await run(latent.data, 0), tokens);
    },
    async dispose() {
      const settled = await Promise.allSettled(functions.values()); // a failed compilation was told to its caller
      for (const result of settled) if (result.status === 'fulfilled') await result.value.dispose();
      functions.clear();
    },
  };
}
