import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterOfByte } from './byte-alphabet.ts';
import { huggingFaceText } from './hugging-face-text.ts';
import { growsMonotonically } from './prefix-decoder.ts';
import type { TokenizerFile } from './tokenizer-file.ts';

const number = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));
const words = (tokens: readonly string[], decoder: object | null): TokenizerFile => ({
  model: { type: 'WordLevel', vocab: number(tokens), unk_token: 'a' },
  decoder,
});
const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

/** One small tokenizer for each way of decoding. */
const files: Readonly<Record<string, TokenizerFile>> = {
  'no decoder': words(['a', 'b', '\uFFFD'], null),
  Metaspace: words(['▁', '▁a', 'b', '▁▁'], { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' }),
  WordPiece: words(['un', '##able', '.', "'", 's', '#', "n't"], { type: 'WordPiece', prefix: '##', cleanup: true }),
  'byte fallback, as Llama 2 does it': words(['▁', '▁a', 'b', ...byteTokens], {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  }),
  'bytes with an end-of-word mark, as CLIP does it': {
    model: {
      type: 'BPE',
      vocab: number([...characterOfByte, 'a</w>', '</w>', '<', '</', 'w>']),
      merges: [],
      end_of_word_suffix: '</w>',
    },
    decoder: { type: 'ByteLevel' },
  },
  'BPE with an end-of-word mark': {
    model: { type: 'BPE', vocab: number(['a', 'a</w>', '</w>', '<', '/w>']), merges: [], end_of_word_suffix: '</w>' },
    decoder: { type: 'BPEDecoder', suffix: '</w>' },
  },
  CTC: words(['a', 'b', '|', '<pad>', '.', '!'], {
    type: 'CTC',
    pad_token: '<pad>',
    word_delimiter_token: '|',
    cleanup: true,
  }),
  'a replacement across tokens': words(['a', 'b', 'c'], {
    type: 'Sequence',
    decoders: [{ type: 'Fuse' }, { type: 'Replace', pattern: { String: 'ab' }, content: 'X' }],
  }),
  'an end that is stripped after joining': words(['a', ' ', ...byteTokens], {
    type: 'Sequence',
    decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 0, stop: 2 }],
  }),
};

describe.each(Object.entries(files))('%s', (_name, tokenizer) => {
  const adapter = huggingFaceText({ tokenizer });
  const id = fc.nat({ max: adapter.vocabularySize - 1 });

  it('gives piece by piece what it gives at once, twice with one decoder', () => {
    const decoder = adapter.createIncrementalDecoder();
    fc.assert(
      fc.property(fc.array(id, { maxLength: 14 }), (ids) => {
        const pieces = ids.map((one) => decoder.push(one));
        expect(pieces.join('') + decoder.flush()).toBe(adapter.decode(ids));
      }),
      { numRuns: 500 },
    );
  });
});

function pushAll(name: string, tokens: readonly string[]): string[] {
  const tokenizer = files[name]!;
  const { vocab } = tokenizer.model as { vocab: Record<string, number> };
  const decoder = huggingFaceText({ tokenizer }).createIncrementalDecoder();
  return [...tokens.map((token) => decoder.push(vocab[token]!)), decoder.flush()];
}

it('shows a character from fallback bytes only when it is whole', () => {
  const pieces = pushAll('byte fallback, as Llama 2 does it', ['▁a', '<0xF0>', '<0x9F>', '<0x98>', '<0x80>', 'b']);
  expect(pieces).toEqual(['a', '', '', '', '😀', 'b', '']);
});

it('shows words as they come where the decoder works on one token at a time', () => {
  expect(pushAll('WordPiece', ['un', '##able', 's', '.'])).toEqual(['un', 'able', ' s', '.', '']);
  expect(pushAll('Metaspace', ['▁a', 'b', '▁a'])).toEqual(['a', 'b', ' a', '']);
});

it('holds back what may become an end-of-word mark', () => {
  const pieces = pushAll('bytes with an end-of-word mark, as CLIP does it', ['a', '<', '</', 'w>', 'a</w>']);
  expect(pieces).toEqual(['a', '', '<', ' ', 'a ', '']);
});

it('shows everything at the end where the decoder may rewrite what came before', () => {
  expect(pushAll('a replacement across tokens', ['a', 'b', 'c'])).toEqual(['', '', '', 'Xc']);
});

it('does not trust a decoder it does not know', () => {
  expect(growsMonotonically({ type: 'Sequence', decoders: [{ type: 'Fuse' }, { type: 'Unheard' }] })).toBe(false);
});
