/**
 * Compiles and keeps the functions of generation, by the sizes they are needed for. It owns the compiled functions and
 * releases them; the weights belong to whoever made their store.
 */
import type { CompiledFunction, Engine, TensorStore, WeightFormat } from '../contracts/engine.ts';
import type { HostTensor, Latent } from '../contracts/tensors.ts';
import { elementCount } from '../engine/check-feed.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type DocumentLayout, noTarget } from '../sequence/document-layout.ts';
import { type BatchShape, packRows } from '../sequence/pack-rows.ts';
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
  /** Prepares denoising one block against caches of several branches. */
  startBlock(modality: string, caches: readonly KeyValueCache[]): Promise<BlockReader>;
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

  const tokensOf = (modality: string) => {
    const adapter = model.continuous[modality]!;
    return elementCount(adapter.tokenGrid(adapter.defaultLatentShape));
  };

  const sequenceShape = (layout: DocumentLayout): BatchShape => {
    const counts: Record<string, number> = {};
    for (const { modality } of layout.blocks) counts[modality] = (counts[modality] ?? 0) + 1;
    const rowLength = powerAtLeast(layout.length, smallestLength);
    return {
      rows: 1,
      rowLength,
      asked: 0,
      silent: rowLength,
      blocks: Object.fromEntries(
        Object.entries(counts).map(([name, count]) => [
          name,
          { count: powerAtLeast(count, 1), tokens: tokensOf(name) },
        ]),
      ),
    };
  };

  const readSequence: ModelRunner['readSequence'] = async (layout, times) => {
    const shape = sequenceShape(layout);
    const packed = packRows([{ ...layout, targets: new Int32Array(layout.length).fill(noTarget) }], shape);
    const run = await compiled(`whole-sequence ${JSON.stringify([shape.rowLength, shape.blocks])}`, () => ({
      run: wholeSequence(model, shape),
      inputs: wholeSequenceInputs(model, shape),
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
    for (const [modality, { count }] of Object.entries(shape.blocks)) {
      const size = elementCount(model.continuous[modality]!.defaultLatentShape);
      const latents = new Float32Array(count * size);
      const shownAt = new Float32Array(count);
      let index = 0;
      layout.blocks.forEach((block, number) => {
        if (block.modality !== modality) return;
        latents.set(block.latent.data, index * size);
        shownAt[index++] = times[number]!;
      });
      feeds[`${modality}.latent`] = latents;
      feeds[`${modality}.time`] = shownAt;
    }
    return run.run(feeds);
  };

  const runBlock = async (
    modality: string,
    branches: number,
    lengths: readonly number[],
    cached: { readonly capacity: number; readonly feeds: Readonly<Record<string, Float32Array>> },
  ) => {
    const tokens = tokensOf(modality);
    const shape = { modality, tokens, branches, capacity: cached.capacity };
    const run = await compiled(`whole-block ${modality} ${tokens} x${branches} ${cached.capacity}`, () => ({
      run: wholeBlock(model, shape),
      inputs: wholeBlockInputs(model, shape),
    }));
    const positions = Int32Array.from(
      { length: branches * tokens },
      (_, index) => lengths[Math.floor(index / tokens)]! + (index % tokens),
    );
    const size = elementCount(model.continuous[modality]!.defaultLatentShape);
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
        positions: Int32Array.of(cache.length),
        ...cache.feeds(),
      });
      cache.append(outputs, 1);
      return outputs['logits']!.data as Float32Array;
    },
    async startBlock(modality, caches) {
      const branches = caches.length;
      const run = await runBlock(
        modality,
        branches,
        caches.map(({ length }) => length),
        stackCaches(caches, model.transformer),
      );
      const size = elementCount(model.continuous[modality]!.defaultLatentShape);
      return {
        async predict(latent, time) {
          const { data } = (await run(latent, time))['prediction']!;
          return Array.from({ length: branches }, (_, branch) =>
            (data as Float32Array).subarray(branch * size, (branch + 1) * size),
          );
        },
      };
    },
    async readBlock(cache, modality, latent) {
      cache.reserve(tokensOf(modality));
      const run = await runBlock(modality, 1, [cache.length], { capacity: cache.capacity, feeds: cache.feeds() });
      cache.append(await run(latent.data, 0), tokensOf(modality));
    },
    async dispose() {
      const settled = await Promise.allSettled(functions.values()); // a failed compilation was told to its caller
      for (const result of settled) if (result.status === 'fulfilled') await result.value.dispose();
      functions.clear();
    },
  };
}
