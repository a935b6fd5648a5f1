import { TransfuseError } from '@transfuse/core/contracts';
import { describe, expect, it } from 'vitest';
import { readTokenizerFile, type TokenizerFile } from './tokenizer-file.ts';

const bpe = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] };

function failure(source: unknown): TransfuseError {
  try {
    readTokenizerFile(source as TokenizerFile, 'some.json');
  } catch (error) {
    if (error instanceof TransfuseError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a well-formed file', () => {
  it('yields tokens by id, added tokens over the vocabulary, gaps left open', () => {
    const read = readTokenizerFile({ model: bpe, added_tokens: [{ id: 4, content: '<end>' }] }, 'some.json');
    expect(Array.from(read.tokens)).toEqual(['a', 'b', 'ab', undefined, '<end>']);
    expect([...read.addedIds]).toEqual([4]);
  });

  it('is read from bytes as from an object', () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ model: bpe }));
    expect(readTokenizerFile(bytes, 'some.json')).toEqual(readTokenizerFile({ model: bpe }, 'some.json'));
  });

  it('may write merges as pairs and leave the type of the model out', () => {
    const { model } = readTokenizerFile({ model: { vocab: bpe.vocab, merges: [['a', 'b']] } }, 'some.json');
    expect(model['type']).toBe('BPE');
  });

  it('may number its tokens by their place in a list of scores', () => {
    const vocab = [
      ['<unk>', 0],
      ['a', -1.5],
    ];
    expect(readTokenizerFile({ model: { type: 'Unigram', vocab } }, 'some.json').tokens).toEqual(['<unk>', 'a']);
  });

  it('keeps a token named like an object’s inner property', () => {
    const source = new TextEncoder().encode('{"model":{"type":"WordLevel","vocab":{"__proto__":0,"constructor":1}}}');
    expect(readTokenizerFile(source, 'some.json').tokens).toEqual(['__proto__', 'constructor']);
  });
});

describe('a malformed file is refused with the place of the fault', () => {
  it.each<[string, unknown, RegExp]>([
    ['bytes that are not JSON', new TextEncoder().encode('version https://git-lfs'), /^some\.json: found 23 bytes/],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22), /not JSON/],
    ['JSON that is no object', new TextEncoder().encode('[]'), /found an array of 0, expected an object/],
    ['no model', {}, /^some\.json: model: found nothing/],
    ['no vocabulary', { model: { type: 'BPE', merges: [] } }, /model\.vocab: found nothing/],
    ['an empty vocabulary', { model: { ...bpe, vocab: {}, merges: [] } }, /found no tokens/],
    ['an id that is no integer', { model: { ...bpe, vocab: { a: 0.5 } } }, /model\.vocab\["a"\]: found the id 0\.5/],
    ['a negative id', { model: { ...bpe, vocab: { a: -1 } } }, /found the id -1/],
    ['one id for two tokens', { model: { ...bpe, vocab: { a: 0, b: 0 } } }, /id 0 for both "a" and "b"/],
    ['no merges', { model: { type: 'BPE', vocab: { a: 0 } } }, /model\.merges: found nothing/],
    ['a merge of one token', { model: { ...bpe, merges: ['ab'] } }, /model\.merges\[0\]: found "ab", expected two/],
    ['a merge of a stranger', { model: { ...bpe, merges: ['a x'] } }, /found "x", which is not in the vocabulary/],
    ['a merge to a stranger', { model: { ...bpe, merges: ['a b', 'b a'] } }, /model\.merges\[1\]: found "ba"/],
    ['a score that is missing', { model: { type: 'Unigram', vocab: [['a']] } }, /model\.vocab\[0\]/],
    ['added tokens that are no list', { model: bpe, added_tokens: {} }, /added_tokens: found an object/],
    ['an added token without content', { model: bpe, added_tokens: [{ id: 3 }] }, /added_tokens\[0\]: found an object/],
    ['an added token without id', { model: bpe, added_tokens: [{ content: 'x' }] }, /found the id nothing/],
    [
      'a subword prefix',
      { model: { ...bpe, continuing_subword_prefix: '##' } },
      /continuing_subword_prefix: found "##"/,
    ],
  ])('%s', (_name, source, message) => {
    const error = failure(source);
    expect(error.code).toBe('tokenizer.invalid');
    expect(error.message).toMatch(message);
  });
});
