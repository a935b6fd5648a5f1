import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVocabulary } from './vocabulary.ts';

describe('a vocabulary', () => {
  it('puts discrete ids first, then the special tokens, then a begin and an end per continuous modality', () => {
    expect(
      createVocabulary([{ modality: 'text', vocabularySize: 20 }], [{ modality: 'image' }, { modality: 'audio' }]),
    ).toEqual({
      size: 27,
      discrete: { text: { offset: 0, size: 20 } },
      beginDocument: 20,
      endDocument: 21,
      droppedCaption: 22,
      blocks: {
        audio: { begin: 23, end: 24, shape: 'fixed' },
        image: { begin: 25, end: 26, shape: 'fixed' },
      },
      sizes: { offset: 27, count: 0 },
    });
  });

  it('gives every id from 0 to its size to exactly one token, whatever the order of modalities', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        names,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 }),
        fc.nat(),
        (all, sizes, cut) => {
          const split = cut % (all.length + 1);
          const discrete = all.slice(0, split).map((modality, index) => ({ modality, vocabularySize: sizes[index]! }));
          const continuous = all.slice(split).map((modality, index) => ({
            modality,
            ...(index % 2 === 0 && { toldUpTo: sizes[split + index]! }),
          }));
          const vocabulary = createVocabulary(discrete, continuous);
          const ids = [
            ...Object.values(vocabulary.discrete).flatMap(({ offset, size }) =>
              Array.from({ length: size }, (_, id) => offset + id),
            ),
            vocabulary.beginDocument,
            vocabulary.endDocument,
            vocabulary.droppedCaption,
            ...Object.values(vocabulary.blocks).flatMap(({ begin, end }) => [begin, end]),
            ...Array.from({ length: vocabulary.sizes.count }, (_, size) => vocabulary.sizes.offset + size),
          ];
          expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: vocabulary.size }, (_, id) => id));
          expect(createVocabulary(discrete.toReversed(), continuous.toReversed())).toEqual(vocabulary);
        },
      ),
    );
  });

  it('has a token for every size up to the largest of the modalities whose shapes are told', () => {
    const continuous = [{ modality: 'image', toldUpTo: 8 }, { modality: 'audio', toldUpTo: 5 }, { modality: 'video' }];
    const { blocks, sizes } = createVocabulary([], continuous);
    expect(sizes).toEqual({ offset: 9, count: 8 });
    expect(Object.entries(blocks).map(([name, { shape }]) => [name, shape])).toEqual([
      ['audio', 'told'],
      ['image', 'told'],
      ['video', 'fixed'],
    ]);
  });

  it('refuses two adapters for one modality', () => {
    const text = { modality: 'text', vocabularySize: 2 };
    expect(() => createVocabulary([text, text], [])).toThrow(expect.objectContaining({ code: 'sequence.invalid' }));
    expect(() => createVocabulary([text], [{ modality: 'text' }])).toThrow(/modality text: found two adapters/);
  });
});
