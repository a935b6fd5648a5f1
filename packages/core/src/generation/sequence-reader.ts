/**
 * The sequence under generation, read either incrementally against a cache or whole every time. Both ways answer the
 * same three questions: what follows a token, what the network says of a noisy block, and what follows a clean block.
 */
import type { Latent } from '../contracts/tensors.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type BlockLayout, type DocumentLayout, noTarget, slot } from '../sequence/document-layout.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import type { ModelRunner } from './model-runner.ts';

/** A growing sequence and the model's view of it. */
export interface SequenceReader {
  readonly length: number;
  /** Logits after the last position. */
  readonly logits: Float32Array;
  appendToken(id: number): Promise<void>;
  /** Begins a block after its begin token; `predict` gives the output for this sequence, then for the same without captions. */
  startBlock(modality: string, options: { readonly guided: boolean }): Promise<BlockDenoiser>;
  /** Appends a finished, clean block; it takes no logits. */
  appendBlock(modality: string, latent: Latent): Promise<void>;
}

/** Evaluates a noisy block; results are valid until the next call. */
export interface BlockDenoiser {
  predict(latent: Float32Array, time: number): Promise<readonly Float32Array[]>;
}

/** Begins reading a laid-out prompt. */
export async function readPrompt(
  runner: ModelRunner,
  prompt: DocumentLayout,
  cache: 'prefix' | 'none',
): Promise<SequenceReader> {
  return cache === 'prefix' ? cachedReader(runner, prompt) : wholeReader(runner, prompt);
}

async function cachedReader(runner: ModelRunner, prompt: DocumentLayout): Promise<SequenceReader> {
  const { model } = runner;
  const ids = Array.from(prompt.ids);
  const blocks = [...prompt.blocks];
  const { cache, logits: first } = await runner.startCache(prompt);
  let logits = first.slice();
  // The branch without captions is read once, when guidance first needs it, and then grows with the sequence.
  let unconditional: { readonly cache: KeyValueCache; last: number | undefined } | undefined;
  const { droppedCaption } = model.vocabulary;
  return {
    get length() {
      return ids.length;
    },
    get logits() {
      return logits;
    },
    async appendToken(id) {
      logits = (await runner.readToken(cache, id)).slice();
      ids.push(id);
      if (unconditional === undefined) return;
      const shown = isCaption(id, model) ? droppedCaption : id;
      if (shown !== droppedCaption || unconditional.last !== droppedCaption) {
        await runner.readToken(unconditional.cache, shown);
      }
      unconditional.last = shown;
    },
    async startBlock(modality, { guided }) {
      if (!guided) return runner.startBlock(modality, [cache]);
      if (unconditional === undefined) {
        const layout = withoutCaptions(open(ids, blocks), model);
        unconditional = { cache: (await runner.startCache(layout)).cache, last: layout.ids.at(-1) };
      }
      return runner.startBlock(modality, [cache, unconditional.cache]);
    },
    async appendBlock(modality, latent) {
      await runner.readBlock(cache, modality, latent);
      if (unconditional !== undefined) {
        await runner.readBlock(unconditional.cache, modality, latent);
        unconditional.last = slot;
      }
      const tokens = cache.length - ids.length;
      blocks.push({ modality, latent, start: ids.length, tokens });
      ids.push(...Array<number>(tokens).fill(slot));
    },
  };
}

async function wholeReader(runner: ModelRunner, prompt: DocumentLayout): Promise<SequenceReader> {
  const { model } = runner;
  let layout = prompt;
  const clean = (document: DocumentLayout) => document.blocks.map(() => 0);
  const read = async () => ((await runner.readSequence(layout, clean(layout)))['logits']!.data as Float32Array).slice();
  let logits = await read();
  return {
    get length() {
      return layout.length;
    },
    get logits() {
      return logits;
    },
    async appendToken(id) {
      layout = withToken(layout, id);
      logits = await read();
    },
    async startBlock(modality, { guided }) {
      const adapter = model.continuous[modality]!;
      const shape = adapter.defaultLatentShape;
      const size = shape.reduce((product, dimension) => product * dimension, 1);
      const tokens = adapter.tokenGrid(shape).reduce((product, dimension) => product * dimension, 1);
      const branches = guided ? [layout, withoutCaptions(layout, model)] : [layout];
      return {
        async predict(latent, time) {
          const results: Float32Array[] = [];
          for (const branch of branches) {
            const noisy = withBlock(branch, modality, { data: latent, shape }, tokens);
            const outputs = await runner.readSequence(noisy, [...clean(branch), time]);
            const earlier = branch.blocks.filter((block) => block.modality === modality).length;
            const { data } = outputs[`${modality}.prediction`]!;
            results.push((data as Float32Array).slice(earlier * size, (earlier + 1) * size));
          }
          return results;
        },
      };
    },
    async appendBlock(modality, latent) {
      const grid = model.continuous[modality]!.tokenGrid(latent.shape);
      layout = withBlock(
        layout,
        modality,
        latent,
        grid.reduce((product, dimension) => product * dimension, 1),
      );
    },
  };
}

function withToken(layout: DocumentLayout, id: number): DocumentLayout {
  return open([...layout.ids, id], layout.blocks);
}

function withBlock(layout: DocumentLayout, modality: string, latent: Latent, tokens: number): DocumentLayout {
  const block: BlockLayout = { modality, latent, start: layout.length, tokens };
  return open([...layout.ids, ...Array<number>(tokens).fill(slot)], [...layout.blocks, block]);
}

/** The unconditional branch of guidance: every run of discrete tokens becomes one dropped-caption token. */
function withoutCaptions(layout: DocumentLayout, model: TransfusionModel): DocumentLayout {
  const { vocabulary } = model;
  const ids: number[] = [];
  const blocks: BlockLayout[] = [];
  let next = 0;
  layout.ids.forEach((id, position) => {
    if (layout.blocks[next]?.start === position) blocks.push({ ...layout.blocks[next++]!, start: ids.length });
    if (!isCaption(id, model)) ids.push(id);
    else if (ids.at(-1) !== vocabulary.droppedCaption) ids.push(vocabulary.droppedCaption);
  });
  return open(ids, blocks);
}

function isCaption(id: number, { vocabulary }: TransfusionModel): boolean {
  return (
    id === vocabulary.droppedCaption ||
    Object.values(vocabulary.discrete).some(({ offset, size }) => id >= offset && id < offset + size)
  );
}

function open(ids: readonly number[], blocks: readonly BlockLayout[]): DocumentLayout {
  return { length: ids.length, ids: Int32Array.from(ids), targets: new Int32Array(ids.length).fill(noTarget), blocks };
}
