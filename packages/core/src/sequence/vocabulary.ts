/**
 * The ids of the one token stream that all modalities share: first the vocabularies of the discrete modalities one
 * after another, then the special tokens. Every continuous modality has a begin-of-block and an end-of-block token of
 * its own (the paper's BOI and EOI).
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
  readonly blocks: Readonly<Record<string, { readonly begin: number; readonly end: number }>>;
}

/** Assigns ids. The order of modalities is alphabetical, so that it does not depend on how a configuration is written. */
export function createVocabulary(
  discrete: readonly Pick<DiscreteAdapter, 'modality' | 'vocabularySize'>[],
  continuous: readonly string[],
): Vocabulary {
  const names = [...discrete.map(({ modality }) => modality), ...continuous];
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
  const blocks: Record<string, { begin: number; end: number }> = {};
  for (const modality of continuous.toSorted()) blocks[modality] = { begin: next++, end: next++ };
  return { size: next, beginDocument, endDocument, droppedCaption, discrete: ranges, blocks };
}
