import { existsSync, readFileSync } from 'node:fs';
import { TransfuseError } from '@transfuse/core/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainByteLevelBpe } from './byte-level-bpe-trainer.ts';
import { huggingFaceText } from './hugging-face-text.ts';
import type { TokenizerFile } from './tokenizer-file.ts';
import { openTokenizer } from './tokenizers-library.ts';

const neox = new URL('../../../../../shared/data/tokenizers/gpt-neox-20b-tokenizer.json', import.meta.url);
const hasNeox = existsSync(neox);
if (!hasNeox) console.log('Skipped: the GPT-NeoX tokenizer, for want of ../shared/data.');

const trained = await trainByteLevelBpe(['the theatre, the thesis: 😀 and 日本語'], { vocabularySize: 280 });
const withAdded: TokenizerFile = {
  ...trained,
  added_tokens: [{ id: trained.model.vocab['the']! + 100, content: '<end>', special: true }],
};

const wordPiece: TokenizerFile = {
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
  added_tokens: [{ id: 0, content: '[UNK]', special: true }],
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    vocab: { '[UNK]': 0, un: 1, '##able': 2, able: 3, '?': 4 },
  },
};

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error instanceof TransfuseError ? error.code : error;
  }
  return 'nothing was thrown';
}

describe('a byte-level tokenizer', () => {
  const adapter = huggingFaceText({ tokenizer: withAdded });

  it('counts its ids up to the largest, gaps included', () => {
    expect(adapter.vocabularySize).toBe(trained.model.vocab['the']! + 101);
  });

  it('is a discrete adapter for text', () => {
    expect([adapter.kind, adapter.modality]).toEqual(['discrete', 'text']);
  });

  it('encodes and decodes the empty text', () => {
    expect(adapter.encode('')).toEqual(new Int32Array(0));
    expect(adapter.decode([])).toBe('');
  });

  it('encodes an added token’s content as that token and writes it back', () => {
    const ids = adapter.encode('the<end>the');
    expect([...ids]).toEqual([trained.model.vocab['the'], adapter.vocabularySize - 1, trained.model.vocab['the']]);
    expect(adapter.decode(ids)).toBe('the<end>the');
  });

  it('decodes any ids as the library does, gaps as nothing', () => {
    const library = openTokenizer(withAdded, {});
    const known = fc.oneof(fc.nat({ max: trained.model.merges.length + 255 }), fc.constant(adapter.vocabularySize - 1));
    fc.assert(
      fc.property(fc.array(known, { minLength: 1, maxLength: 12 }), (ids) => {
        expect(adapter.decode(ids)).toBe(library.decode(ids, { clean_up_tokenization_spaces: false }));
      }),
    );
    expect(adapter.decode([adapter.vocabularySize - 2])).toBe('');
  });

  it('streams to the same text', () => {
    const decoder = adapter.createIncrementalDecoder();
    fc.assert(
      fc.property(fc.array(fc.nat({ max: adapter.vocabularySize - 1 }), { maxLength: 20 }), (ids) => {
        expect(ids.map((id) => decoder.push(id)).join('') + decoder.flush()).toBe(adapter.decode(ids));
      }),
    );
  });

  it.each([-1, 0.5, Number.NaN, adapter.vocabularySize])('refuses the id %d in lists and in streams', (id) => {
    expect(codeOf(() => adapter.decode([id]))).toBe('tokenizer.mismatch');
    expect(codeOf(() => adapter.createIncrementalDecoder().push(id))).toBe('tokenizer.mismatch');
  });

  it('refuses a lone surrogate, which no UTF-8 text can hold', () => {
    expect(() => adapter.encode('a\uD83D')).toThrow(/found a lone surrogate, U\+D83D/);
    expect(codeOf(() => adapter.encode('a\uD83D'))).toBe('tokenizer.unknown-text');
  });
});

describe('text that a vocabulary cannot write', () => {
  it('includes what is no text at all', () => {
    expect(codeOf(() => huggingFaceText({ tokenizer: trained }).encode(5 as never))).toBe('tokenizer.unknown-text');
  });

  it('is refused with the character where bytes are missing and would be dropped', () => {
    const { '!': _removed, ...vocab } = trained.model.vocab;
    const adapter = huggingFaceText({ tokenizer: { ...trained, model: { ...trained.model, vocab } } });
    expect(adapter.decode(adapter.encode('the thesis'))).toBe('the thesis');
    expect(codeOf(() => adapter.encode('the thesis!'))).toBe('tokenizer.unknown-text');
    expect(() => adapter.encode('the thesis!')).toThrow('text "the thesis!": found "!"');
  });

  it('is refused where it would become the unknown token', () => {
    const adapter = huggingFaceText({ tokenizer: wordPiece });
    expect([...adapter.encode('unable ?')]).toEqual([1, 2, 4]);
    expect(() => adapter.encode('unable 😀')).toThrow('found "😀"');
    expect(() => adapter.encode('unable unablest')).toThrow('found "unablest"');
    expect(codeOf(() => adapter.encode('unablest'))).toBe('tokenizer.unknown-text');
  });

  it('is refused beside an unknown token that the text itself spells', () => {
    const adapter = huggingFaceText({ tokenizer: wordPiece });
    expect([...adapter.encode('[UNK] able')]).toEqual([0, 3]);
    expect(codeOf(() => adapter.encode('[UNK] 😀'))).toBe('tokenizer.unknown-text');
  });

  it('is refused by a Unigram tokenizer without an unknown token', () => {
    const vocab = [
      ['▁', -1],
      ['a', -2],
    ];
    const model = { type: 'Unigram', unk_id: null, vocab };
    const adapter = huggingFaceText({ tokenizer: { model, decoder: { type: 'Metaspace', replacement: '▁' } } });
    expect([...adapter.encode('▁a')]).toEqual([0, 1]);
    expect(codeOf(() => adapter.encode('▁b'))).toBe('tokenizer.unknown-text');
  });
});

describe('the stored file', () => {
  it('makes the same tokenizer again', () => {
    const assets = huggingFaceText({ tokenizer: withAdded }).assets();
    const again = huggingFaceText({ tokenizer: assets['tokenizer.json']! });
    expect(Object.keys(assets)).toEqual(['tokenizer.json']);
    expect(again.encode('the theatre<end>')).toEqual(
      huggingFaceText({ tokenizer: withAdded }).encode('the theatre<end>'),
    );
    expect(JSON.parse(new TextDecoder().decode(assets['tokenizer.json']))).toEqual(withAdded);
  });

  it('is the very bytes it came from, and safe from its reader', () => {
    const bytes = Buffer.from(JSON.stringify(trained)); // whose slice() would be a view
    const adapter = huggingFaceText({ tokenizer: bytes });
    adapter.assets()['tokenizer.json']!.fill(0);
    expect(adapter.assets()['tokenizer.json']).toEqual(new TextEncoder().encode(JSON.stringify(trained)));
  });

  it('is refused under its own name where the library cannot run it', () => {
    const tokenizer = { ...trained, pre_tokenizer: { type: 'Unheard' } };
    expect(codeOf(() => huggingFaceText({ tokenizer }))).toBe('tokenizer.invalid');
    expect(() => huggingFaceText({ tokenizer, place: 'my/tokenizer.json' })).toThrow(/^my\/tokenizer\.json: .*Unheard/);
  });
});

it('adds no special tokens, even where the file’s template has some', () => {
  const post_processor = {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<end>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<end>': { id: '<end>', ids: [356], tokens: ['<end>'] } },
  };
  const adapter = huggingFaceText({ tokenizer: { ...withAdded, post_processor } });
  expect([...adapter.encode('the')]).toEqual([trained.model.vocab['the']]);
});

describe.skipIf(!hasNeox)('the GPT-NeoX tokenizer', () => {
  const adapter = hasNeox ? huggingFaceText({ tokenizer: readFileSync(neox) }) : undefined;

  it('has the ids that its users know', () => {
    expect(adapter?.vocabularySize).toBe(50277);
    expect([...adapter!.encode('Hello world')]).toEqual([12092, 1533]);
    expect([...adapter!.encode('<|endoftext|>')]).toEqual([0]);
  });

  it('returns any text in its normal form C', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        expect(adapter!.decode(adapter!.encode(text))).toBe(text.normalize('NFC'));
      }),
      { numRuns: 50, examples: [['👩‍🚀 e\u0301 日本語  \n\n\t x']] },
    );
  });

  it('streams characters whole, though they are spread over tokens', () => {
    const text = '🦜🧶 𝔘𝔫𝔦 鑫 ｶﾞ 👨‍👩‍👧';
    const ids = adapter!.encode(text.normalize('NFC'));
    const decoder = adapter!.createIncrementalDecoder();
    const pieces = Array.from(ids, (id) => decoder.push(id));
    expect(ids.length).toBeGreaterThan([...text].length);
    expect(pieces.filter((piece) => /\uFFFD|\p{Surrogate}/u.test(piece))).toEqual([]);
    expect(pieces.join('') + decoder.flush()).toBe(text.normalize('NFC'));
  });

  it('streams any ids to the text it decodes at once', () => {
    const decoder = adapter!.createIncrementalDecoder();
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 50276 }), { maxLength: 20 }), (ids) => {
        expect(ids.map((id) => decoder.push(id)).join('') + decoder.flush()).toBe(adapter!.decode(ids));
      }),
    );
  });
});
