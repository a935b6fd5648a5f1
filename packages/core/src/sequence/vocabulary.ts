/**
 * The ids of the one token stream that all modalities share: first the vocabularies of the discrete modalities one
 * after another, then the special tokens. Every continuous modality has a begin-of-block and an end-of-block token of
 * its own (the paper's BOI and EOI). Last come the tokens that say how large a block's grid is, for modalities whose
 * shapes the language side decides.
 */
import type { DiscreteAdapter } from '../contracts/modality-adapter.ts';
import { TransfuseError } from '../errors/index.ts';

/** Where each kind of token lives. Depends on nothing but the modalities' names and vocabulary sizes. */
export interface Vocabulary {
  /** Ids run from 0 to `size` - 1. */
  readonly size: number;
  readonly beginDocument: number;
  readonly endDocument: number;
  /** Stands for a caption that was dropped, in training and as the unconditional branch of guidance. */
  readonly droppedCaption: number;
  readonly discrete: Readonly<Record<string, { readonly offset: number; readonly size: number }>>;
  readonly blocks: Readonly<Record<string, BlockTokens>>;
  /** Sizes of axes: the token `offset + n - 1` says n, up to n = `count`. */
  readonly sizes: { readonly offset: number; readonly count: number };
}

/** The tokens around a continuous block. */
export interface BlockTokens {
  readonly begin: number;
  readonly end: number;
  /** Whether size tokens, one per axis of the grid, stand between the begin token and the block. */
  readonly shape: 'fixed' | 'told';
}

/** A continuous modality as the vocabulary sees it. */
export interface BlockModality {
  readonly modality: string;
  /** The largest size of any axis of its grids, if its blocks' shapes are told by tokens. */
  readonly toldUpTo?: number | undefined;
}

/** Assigns ids. The order of modalities is alphabetical, so that it does not depend on how a configuration is written. */
export function createVocabulary(
  discrete: readonly Pick<DiscreteAdapter, 'modality' | 'vocabularySize'>[],
  continuous: readonly BlockModality[],
): Vocabulary {
  const names = [...discrete, ...continuous].map(({ modality }) => modality);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new TransfuseError({
      code: 'sequence.invalid',
      place: `modality ${repeated}`,
      found: 'two adapters',
      expected: 'one adapter per modality',
      mend: 'Give the second modality another name.',
    });
  }
  let next = 0;
  const ranges: Record<string, { offset: number; size: number }> = {};
  for (const { modality, vocabularySize } of discrete.toSorted((a, b) => (a.modality < b.modality ? -1 : 1))) {
    ranges[modality] = { offset: next, size: vocabularySize };
    next += vocabularySize;
  }
  const [beginDocument, endDocument, droppedCaption] = [next++, next++, next++];
  const blocks: Record<string, BlockTokens> = {};
  for (const { modality, toldUpTo } of continuous.toSorted((a, b) => (a.modality < b.modality ? -1 : 1))) {
    blocks[modality] = { begin: next++, end: next++, shape: toldUpTo === undefined ? 'fixed' : 'told' };
  }
  const sizes = { offset: next, count: Math.max(0, ...continuous.map(({ toldUpTo }) => toldUpTo ?? 0)) };
  return {
    size: next + sizes.count,
    beginDocument,
    endDocument,
    droppedCaption,
    discrete: ranges,
    blocks,
    sizes,
  };
}
