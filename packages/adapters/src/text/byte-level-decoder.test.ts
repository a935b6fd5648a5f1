import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterOfByte } from './byte-alphabet.ts';
import { ByteLevelDecoder, TokenPieces } from './byte-level-decoder.ts';
import { readTokenizerFile } from './tokenizer-file.ts';

/** Ids 0 to 255 are the bytes themselves; then come an added token, a token outside the alphabet, a gap and a last one. */
const vocab = {
  ...Object.fromEntries(characterOfByte.map((character, byte) => [character, byte])),
  'a b': 257,
  ab: 259,
};
const addedTokens = [{ id: 256, content: '<é>' }];
const pieces = new TokenPieces(
  readTokenizerFile({ model: { type: 'BPE', vocab, merges: [] }, added_tokens: addedTokens }, 'tokenizer.json'),
);

function stream(ids: Iterable<number>): string[] {
  const decoder = new ByteLevelDecoder(pieces);
  const shown = Array.from(ids, (id) => decoder.push(id));
  return [...shown, decoder.flush()];
}

describe('a stream of single bytes', () => {
  it.each(['😀', '日', 'é', '\uFEFF'])('shows %j only with its last byte', (character) => {
    const bytes = new TextEncoder().encode(character);
    const expected = [...Array<string>(bytes.length - 1).fill(''), character, ''];
    expect(stream(bytes)).toEqual(expected);
  });

  it('shows the parts of a combined character one code point at a time', () => {
    const shown = stream(new TextEncoder().encode('e\u0301👩‍🚀')).filter((piece) => piece !== '');
    expect(shown).toEqual(['e', '\u0301', '👩', '\u200D', '🚀']);
  });

  it('never shows half of a surrogate pair and ends with the text itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const shown = stream(new TextEncoder().encode(text));
        expect(shown.join('')).toBe(text);
        expect(shown.filter((piece) => /\p{Surrogate}/u.test(piece))).toEqual([]);
      }),
    );
  });

  it('equals decoding all bytes at once, valid or not', () => {
    const bytes = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0xf0, 0x9f, 0x98, 0x80, 0xe3, 0xed, 0xa0, 0xef, 0xbb, 0xbf),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), (ids) => {
        const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids));
        expect(stream(ids).join('')).toBe(whole);
      }),
      { numRuns: 2000 },
    );
  });
});

it('marks an unfinished character when the stream ends, then starts over', () => {
  const decoder = new ByteLevelDecoder(pieces);
  expect([decoder.push(0xf0), decoder.push(0x9f), decoder.flush()]).toEqual(['', '', '\uFFFD']);
  expect([decoder.push(0x41), decoder.flush()]).toEqual(['A', '']);
});

it('ends an unfinished character before an added token, whose content is not read as bytes', () => {
  expect(stream([0x41, 0xf0, 256, 0x42])).toEqual(['A', '', '\uFFFD<é>', 'B', '']);
});

it('takes a token outside the alphabet literally and a gap as nothing', () => {
  expect(stream([257, 258, 259])).toEqual(['a b', '', 'ab', '']);
});
