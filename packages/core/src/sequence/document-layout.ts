/**
 * One document as a run of positions. Begin-of-document, then the segments: discrete ids as they are, a continuous
 * value as begin-of-block, the sizes of its grid if the modality's shapes are told, one slot per token, end-of-block;
 * then end-of-document.
 *
 * What each position is asked to predict (Zhou et al. 2024, section 3): the next discrete token, except that nothing
 * is asked where a slot follows (the block has the diffusion loss) or where the input is a slot (the end-of-block token
 * is appended and never predicted), and that nobody is asked to predict the dropped-caption token.
 */
import type { Latent } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { gridSize } from './block-kind.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A segment after its adapter's `encode`. */
export type EncodedSegment =
  | { readonly kind: 'discrete'; readonly modality: string; readonly ids: ArrayLike<number> }
  | { readonly kind: 'dropped-caption' }
  | {
      readonly kind: 'continuous';
      readonly modality: string;
      readonly latent: Latent;
      /** Tokens the adapter makes of the latent, and how they are arranged: `[h, w]`, `[frames, h, w]`, `[n]`. */
      readonly grid: readonly number[];
    };

/** Marks a position whose input is a token of a continuous block. */
export const slot = -1;
/** Marks a position that is asked nothing. */
export const noTarget = -1;

/** One continuous block of a document. */
export interface BlockLayout {
  readonly modality: string;
  readonly latent: Latent;
  /** Position of the begin-of-block token, from the document's beginning. */
  readonly begin: number;
  /** Position of the first slot. */
  readonly start: number;
  readonly tokens: number;
  readonly grid: readonly number[];
}

/** A document laid out; arrays have one element per position. */
export interface DocumentLayout {
  readonly length: number;
  /** Token ids; {@link slot} inside blocks. */
  readonly ids: Int32Array;
  /** Ids to predict; {@link noTarget} where nothing is asked. */
  readonly targets: Int32Array;
  readonly blocks: readonly BlockLayout[];
}

/**
 * Lays out segments. @param options.end `closed` (default) ends with end-of-document; `open` stops after the last
 * segment, as a prompt does.
 */
export function layOutDocument(
  segments: readonly EncodedSegment[],
  vocabulary: Vocabulary,
  options: { readonly end?: 'closed' | 'open' } = {},
): DocumentLayout {
  const ids: number[] = [vocabulary.beginDocument];
  const blocks: BlockLayout[] = [];
  for (const segment of segments) {
    if (segment.kind === 'dropped-caption') {
      ids.push(vocabulary.droppedCaption);
    } else if (segment.kind === 'discrete') {
      const range = lookUp(vocabulary.discrete, segment.modality, vocabulary);
      for (let index = 0; index < segment.ids.length; index++) ids.push(range.offset + segment.ids[index]!);
    } else {
      const { modality, latent, grid } = segment;
      const { end } = lookUp(vocabulary.blocks, modality, vocabulary);
      const header = blockHeader(vocabulary, modality, grid);
      const block = blockAt(ids.length, header.length, { modality, latent, grid });
      blocks.push(block);
      ids.push(...header, ...Array<number>(block.tokens).fill(slot), end);
    }
  }
  if (options.end !== 'open') ids.push(vocabulary.endDocument);
  return { length: ids.length, ids: Int32Array.from(ids), targets: nextTokens(ids, vocabulary), blocks };
}

/** The tokens before a block: its begin token, and one for each axis of its grid if the modality's shapes are told. */
export function blockHeader(vocabulary: Vocabulary, modality: string, grid: readonly number[]): number[] {
  const { begin, shape } = lookUp(vocabulary.blocks, modality, vocabulary);
  return [begin, ...(shape === 'told' ? grid.map((size) => vocabulary.sizes.offset + size - 1) : [])];
}

/** A block whose header of so many tokens begins at a position. */
export function blockAt(
  begin: number,
  header: number,
  block: Pick<BlockLayout, 'modality' | 'latent' | 'grid'>,
): BlockLayout {
  return { ...block, begin, start: begin + header, tokens: gridSize(block.grid) };
}

function nextTokens(ids: readonly number[], vocabulary: Vocabulary): Int32Array {
  const never = new Set([slot, vocabulary.droppedCaption, ...Object.values(vocabulary.blocks).map(({ end }) => end)]);
  return Int32Array.from(ids, (id, position) => {
    const next = ids[position + 1];
    return id !== slot && next !== undefined && !never.has(next) ? next : noTarget;
  });
}

function lookUp<Entry>(entries: Readonly<Record<string, Entry>>, modality: string, vocabulary: Vocabulary): Entry {
  const entry = Object.hasOwn(entries, modality) ? entries[modality] : undefined;
  if (entry !== undefined) return entry;
  const names = [...Object.keys(vocabulary.discrete), ...Object.keys(vocabulary.blocks)];
  throw new TransfuseError({
    code: 'sequence.invalid',
    place: `segment of modality ${modality}`,
    found: 'a modality the model does not have',
    expected: names.join(' or ') || 'no segment at all',
    mend: 'Use a modality of the model, or add an adapter for this one to `modalities`.',
  });
}
