/**
 * A test double for tokenizers: one letter, one id. `letters(20)` knows `a` to `t`.
 */
import type { DiscreteAdapter } from '@transfuse/core/contracts';

const first = 'a'.charCodeAt(0);

/** A text adapter over the first letters of the alphabet. Other characters wrap around, so every text has ids. */
export function letters(vocabularySize: number): DiscreteAdapter<string> {
  const letter = (id: number) => String.fromCharCode(first + id);
  return {
    kind: 'discrete',
    modality: 'text',
    vocabularySize,
    encode: (text) => Int32Array.from(text, (character) => Math.abs(character.charCodeAt(0) - first) % vocabularySize),
    decode: (ids) => Array.from(ids, letter).join(''),
    createIncrementalDecoder: () => ({ push: letter, flush: () => '' }),
    assets: () => ({}),
  };
}
