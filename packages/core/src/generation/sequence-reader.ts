/**
 * The sequence under generation, read either incrementally against a cache or whole every time. Both ways answer the
 * same three questions: what follows a token, what the network says of a noisy block, and what follows a clean block.
 */
import type { Branch } from '../contracts/guider.ts';
import type { Latent } from '../contracts/tensors.ts';
import { elementCount } from '../engine/check-feed.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { blockKindName, gridSize } from '../sequence/block-kind.ts';
import { blockAt, blockHeader, type BlockLayout, type DocumentLayout, slot } from '../sequence/document-layout.ts';
import { branchLayout, type BranchOptions, commonPrefix, openLayout } from './branch-layout.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import type { BlockReader, ModelRunner } from './model-runner.ts';

/** A growing sequence and the model's view of it. */
export interface SequenceReader {
  readonly length: number;
  /** Logits after the last position. */
  readonly logits: Float32Array;
  appendToken(id: number): Promise<void>;
  /** Begins a block after its header. */
  startBlock(modality: string, latentShape: readonly number[]): BlockDenoiser;
  /** Appends a finished, clean block after its header; it takes no logits. */
  appendBlock(modality: string, latent: Latent): Promise<void>;
}

/** The network's output of each branch that was asked for. */
export type BranchOutputs = Partial<Record<Branch, Float32Array>> & { readonly conditional: Float32Array };

/** Evaluates a noisy block; results are valid until the next call. */
export interface BlockDenoiser {
  /**
   * Asks the network at a noisy latent and time.
   *
   * @param branches those wanted besides `conditional`
   */
  predict(latent: Float32Array, time: number, branches: readonly Branch[]): Promise<BranchOutputs>;
}

/** How a prompt is read. */
export interface ReadOptions extends BranchOptions {
  /** `prefix` keeps keys and values; `none` reads the whole sequence every time. */
  readonly cache: 'prefix' | 'none';
  /** Who reads the branch `weak`; it must know the same vocabulary. */
  readonly weak?: ModelRunner;
}

/** Begins reading a laid-out prompt. */
export async function readPrompt(
  runner: ModelRunner,
  prompt: DocumentLayout,
  options: ReadOptions,
): Promise<SequenceReader> {
  return options.cache === 'prefix' ? cachedReader(runner, prompt, options) : wholeReader(runner, prompt, options);
}

/** A branch's cache and what has been read into it. */
interface ReadBranch {
  readonly layout: DocumentLayout;
  readonly cache: KeyValueCache;
}

async function cachedReader(
  runner: ModelRunner,
  prompt: DocumentLayout,
  options: ReadOptions,
): Promise<SequenceReader> {
  const ids = Array.from(prompt.ids);
  const blocks = [...prompt.blocks];
  const { cache, logits: first } = await runner.startCache(prompt);
  let logits = first.slice();
  const readBranches = new Map<Branch, ReadBranch>();
  const runnerOf = (branch: Branch) => (branch === 'weak' ? options.weak! : runner);

  /** Brings a branch up to the present: what it has read is kept as far as it still stands at the beginning. */
  async function cacheOf(branch: Branch, tokens: number): Promise<KeyValueCache> {
    if (branch === 'conditional') return cache;
    const wanted = branchLayout(openLayout(ids, blocks), branch, runner.model, options);
    checkRoom(runnerOf(branch), branch, wanted, tokens);
    const earlier = readBranches.get(branch);
    const goesOn = earlier !== undefined && commonPrefix(earlier.layout, wanted) === earlier.layout.length;
    const own = goesOn ? earlier.cache : (await runnerOf(branch).startCache(wanted)).cache;
    if (goesOn) await readOn(runnerOf(branch), own, wanted, earlier.layout.length);
    readBranches.set(branch, { layout: wanted, cache: own });
    return own;
  }

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
    },
    startBlock(modality, latentShape) {
      const tokens = gridSize(runner.model.continuous[modality]!.tokenGrid(latentShape));
      const readers = new Map<string, Promise<BlockReader>>();
      const readerOf = (branches: readonly Branch[]) => {
        const key = branches.join();
        const open = async () => {
          const caches = await inOrder(branches, (branch) => cacheOf(branch, tokens));
          return runnerOf(branches[0]!).startBlock(modality, latentShape, caches);
        };
        if (!readers.has(key)) readers.set(key, open());
        return readers.get(key)!;
      };
      return {
        async predict(latent, time, branches) {
          const together: Branch[] = ['conditional', ...branches.filter((branch) => branch !== 'weak')];
          const outputs = await (await readerOf(together)).predict(latent, time);
          const named = Object.fromEntries(together.map((branch, index) => [branch, outputs[index]!]));
          if (!branches.includes('weak')) return named as BranchOutputs;
          const [weak] = await (await readerOf(['weak'])).predict(latent, time);
          return { ...named, weak: weak! } as BranchOutputs;
        },
      };
    },
    async appendBlock(modality, latent) {
      await runner.readBlock(cache, modality, latent);
      const block = blockHere(runner.model, ids.length, modality, latent);
      blocks.push(block);
      ids.push(...Array<number>(block.tokens).fill(slot));
    },
  };
}

/** Reads what a layout has beyond `from` into a cache. */
async function readOn(runner: ModelRunner, cache: KeyValueCache, layout: DocumentLayout, from: number): Promise<void> {
  for (let position = from; position < layout.length;) {
    const block = layout.blocks.find(({ start }) => start === position);
    if (block === undefined) await runner.readToken(cache, layout.ids[position]!);
    else await runner.readBlock(cache, block.modality, block.latent);
    position += block?.tokens ?? 1;
  }
}

async function wholeReader(runner: ModelRunner, prompt: DocumentLayout, options: ReadOptions): Promise<SequenceReader> {
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
      layout = openLayout([...layout.ids, id], layout.blocks);
      logits = await read();
    },
    startBlock(modality, shape) {
      const size = elementCount(shape);
      const tokens = gridSize(model.continuous[modality]!.tokenGrid(shape));
      const kind = blockKindName(modality, shape);
      const predictBranch = async (branch: Branch, latent: Float32Array, time: number) => {
        const seen = branchLayout(layout, branch, model, options);
        const reading = branch === 'weak' ? options.weak! : runner;
        checkRoom(reading, branch, seen, tokens);
        const noisy = withBlock(model, seen, modality, { data: latent, shape });
        const outputs = await reading.readSequence(noisy, [...clean(seen), time]);
        const earlier = seen.blocks.filter(
          (block) => blockKindName(block.modality, block.latent.shape) === kind,
        ).length;
        const { data } = outputs[`${kind}.prediction`]!;
        return (data as Float32Array).slice(earlier * size, (earlier + 1) * size);
      };
      return {
        async predict(latent, time, branches) {
          const all: readonly Branch[] = ['conditional', ...branches];
          const outputs = await inOrder(all, (branch) => predictBranch(branch, latent, time));
          return Object.fromEntries(all.map((branch, index) => [branch, outputs[index]!])) as BranchOutputs;
        },
      };
    },
    async appendBlock(modality, latent) {
      layout = withBlock(model, layout, modality, latent);
    },
  };
}

function withBlock(model: TransfusionModel, layout: DocumentLayout, modality: string, latent: Latent): DocumentLayout {
  const block = blockHere(model, layout.length, modality, latent);
  return openLayout([...layout.ids, ...Array<number>(block.tokens).fill(slot)], [...layout.blocks, block]);
}

/** A block whose first slot comes at this position, right after its header. */
function blockHere(model: TransfusionModel, start: number, modality: string, latent: Latent): BlockLayout {
  const grid = model.continuous[modality]!.tokenGrid(latent.shape);
  const header = blockHeader(model.vocabulary, modality, grid).length;
  return blockAt(start - header, header, { modality, latent, grid });
}

/** A negative prompt stands for every text, so a branch may be longer than the sequence itself; a weaker model may have less room. */
function checkRoom({ model }: ModelRunner, branch: Branch, layout: DocumentLayout, tokens: number): void {
  const needed = layout.length + tokens + 1;
  const { sequenceLength } = model.transformer;
  if (needed <= sequenceLength) return;
  const isWeak = branch === 'weak';
  throw new TransfuseError({
    code: 'sequence.too-long',
    place: isWeak ? 'options.weak' : 'options.negative',
    found: `${needed} positions with the block${isWeak ? '' : ', the negative prompt in place of every text'}`,
    expected: `at most the ${isWeak ? 'weaker ' : ''}model's ${sequenceLength}`,
    mend: isWeak ? 'Use a weaker model of longer sequences, or shorten the prompt.' : 'Shorten the negative prompt.',
  });
}

/** One after another, because the engine runs one thing at a time and its results are valid until the next. */
async function inOrder<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await act(item));
  return results;
}
