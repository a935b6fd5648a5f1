/**
 * The seeded random source: xoshiro128** words turned into uniform, integer and normal numbers. Nothing is kept but
 * the generator's four words, so a saved state is exact wherever in the stream it was taken. All arithmetic is in
 * double precision.
 */

import type { RandomSource } from '../contracts/random-source.ts';
import { TransfuseError } from '../errors/index.ts';
import { fillZiggurat, zigguratNormal } from './ziggurat.ts';
import { hashText, nextWord, stateFromSeed, type Xoshiro128State } from './xoshiro128.ts';

/**
 * Creates a stream of random numbers that is decided by a seed alone. The number 7 and the text '7' are different
 * seeds. `fork` does not advance the stream it is called on: the same label at the same place gives the same stream.
 *
 * @param seed a whole number from -(2^53 - 1) to 2^53 - 1, or any text
 * @throws `config.invalid` for other numbers, and where `integer` is asked for a range outside 1 … 2^32;
 *   `checkpoint.invalid` where `restore` is given something that `save` never returned
 * @example
 * ```ts
 * import { createRandom } from '@transfuse/core';
 * const random = createRandom(7);
 * const state = random.save();
 * const first = random.normal();
 * random.restore(state);
 * console.assert(random.normal() === first);
 * ```
 */
export function createRandom(seed: number | string): RandomSource {
  if (typeof seed === 'string') return sourceFrom(stateFromSeed(hashText(seed)));
  if (!Number.isSafeInteger(seed)) {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'seed',
      found: String(seed),
      expected: 'a whole number between -(2^53 - 1) and 2^53 - 1, or a text',
      mend: 'Write a whole number, for example 7.',
    });
  }
  return sourceFrom(stateFromSeed(BigInt(seed)));
}

function sourceFrom(state: Xoshiro128State): RandomSource {
  return {
    uniform: () => uniform(state),
    normal: () => zigguratNormal(state),
    fillNormal: (into) => fillZiggurat(state, into),
    integer: (below) => integer(state, below),
    fork: (label) => sourceFrom(stateFromSeed(hashText(label, bytesOf(state)))),
    save: () => [...state],
    restore: (saved) => state.set(checkedState(saved)),
  };
}

/** 53 random bits as a fraction: every multiple of 2^-53 in [0, 1) is equally likely. */
function uniform(state: Xoshiro128State): number {
  const high = nextWord(state) >>> 5;
  const low = nextWord(state) >>> 6;
  return (high * 2 ** 26 + low) * 2 ** -53;
}

/** Words beyond the last whole multiple of `below` are drawn again, so no remainder is favoured. */
function integer(state: Xoshiro128State, below: number): number {
  if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
    throw new TransfuseError({
      code: 'config.invalid',
      place: 'random.integer(below)',
      found: String(below),
      expected: 'a whole number from 1 to 4294967296',
      mend: 'Pass how many different integers there are to choose from.',
    });
  }
  const limit = 2 ** 32 - (2 ** 32 % below);
  let word = nextWord(state);
  while (word >= limit) word = nextWord(state);
  return word % below;
}

/** The state's words, each little-endian, whatever the machine. */
function bytesOf(state: Xoshiro128State): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  state.forEach((word, index) => view.setUint32(index * 4, word, true));
  return bytes;
}

function checkedState(saved: readonly number[]): readonly number[] {
  const isWord = (word: unknown) => Number.isInteger(word) && (word as number) >= 0 && (word as number) < 2 ** 32;
  if (Array.isArray(saved) && saved.length === 4 && saved.every(isWord) && saved.some((word) => word !== 0)) {
    return saved;
  }
  throw new TransfuseError({
    code: 'checkpoint.invalid',
    place: 'random state',
    found: (JSON.stringify(saved) ?? String(saved)).slice(0, 80),
    expected: 'four whole numbers from 0 to 4294967295, not all zero',
    mend: 'Pass what save() returned, unchanged.',
  });
}
