/**
 * One document as a run of positions. Begin-of-document, then the segments: discrete ids as they are, a continuous
 * value as begin-of-block, one slot per token, end-of-block; then end-of-document.
 *
 * What each position is asked to predict (Zhou et al. 2024, section 3): the next discrete token, except that nothing
 * is asked where the input is a begin-of-block token or a slot (what follows there is the block, whose loss is the
 * diffusion loss, and its end, which is appended and never predicted), and that nobody is asked to predict the
 * dropped-caption token.
 */
import type { Latent } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A segment after its adapter's `encode`. */
export type EncodedSegment =
  | { readonly kind: 'discrete'; readonly modality: string; readonly ids: ArrayLike<number> }
  | { readonly kind: 'dropped-caption' }
  | {
      readonly kind: 'continuous';
      readonly modality: string;
      readonly latent: Latent;
      /** Tokens the adapter makes of the latent. */
      readonly tokens: number;
    };

/** Marks a position whose input is a token of a continuous block. */
export const slot = -1;
/** Marks a position that is asked nothing. */
export const noTarget = -1;

/** One continuous block of a document. */
export interface BlockLayout {
  readonly modality: string;
  readonly latent: Latent;
  /** Position of the first slot, from the document's beginning. */
  readonly start: number;
  readonly tokens: number;
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
      const range = lookUp(vocabulary.discrete, segment.modality);
      for (let index = 0; index < segment.ids.length; index++) ids.push(range.offset + segment.ids[index]!);
    } else {
      const { begin, end } = lookUp(vocabulary.blocks, segment.modality);
      const { modality, latent, tokens } = segment;
      blocks.push({ modality, latent, start: ids.length + 1, tokens });
      ids.push(begin, ...Array<number>(tokens).fill(slot), end);
    }
  }
  if (options.end !== 'open') ids.push(vocabulary.endDocument);
  return { length: ids.length, ids: Int32Array.from(ids), targets: nextTokens(ids, vocabulary), blocks };
}

function nextTokens(ids: readonly number[], vocabulary: Vocabulary): Int32Array {
  const begins = new Set(Object.values(vocabulary.blocks).map(({ begin }) => begin));
  return Int32Array.from(ids, (id, position) => {
    const next = ids[position + 1];
    const asked = id !== slot && !begins.has(id) && next !== undefined && next !== vocabulary.droppedCaption;
    return asked ? next : noTarget;
  });
}

function lookUp<Entry>(entries: Readonly<Record<string, Entry>>, modality: string): Entry {
  const entry = entries[modality];
  if (entry !== undefined) return entry;
  throw new TransfuseError({
    code: 'sequence.invalid',
    place: `segment of modality ${modality}`,
    found: 'a modality the model does not have',
    expected: Object.keys(entries).join(' or ') || 'no segment of this kind',
    mend: 'Use a modality of the model, or add an adapter for this one to `modalities`.',
  });
}
