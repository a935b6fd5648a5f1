import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DocumentLayout, type EncodedSegment, layOutDocument, noTarget } from './document-layout.ts';
import { createVocabulary, type Vocabulary } from './vocabulary.ts';

const vocabulary = createVocabulary(
  [
    { modality: 'code', vocabularySize: 3 },
    { modality: 'text', vocabularySize: 10 },
  ],
  [{ modality: 'audio' }, { modality: 'image' }, { modality: 'sketch', toldUpTo: 4 }],
);
const text = (...ids: number[]): EncodedSegment => ({ kind: 'discrete', modality: 'text', ids });
const code = (...ids: number[]): EncodedSegment => ({ kind: 'discrete', modality: 'code', ids });
const block = (modality: string, ...grid: number[]): EncodedSegment => ({
  kind: 'continuous',
  modality,
  grid,
  latent: { shape: grid, data: new Float32Array(grid.reduce((product, size) => product * size, 1)) },
});
const image = (tokens = 2) => block('image', tokens);
const dropped: EncodedSegment = { kind: 'dropped-caption' };

const names = new Map<number, string>([
  [-1, '.'],
  [vocabulary.beginDocument, 'BOS'],
  [vocabulary.endDocument, 'EOS'],
  [vocabulary.droppedCaption, 'DROP'],
  [vocabulary.blocks['image']!.begin, 'BOI'],
  [vocabulary.blocks['image']!.end, 'EOI'],
  [vocabulary.blocks['audio']!.begin, 'BOA'],
  [vocabulary.blocks['audio']!.end, 'EOA'],
  [vocabulary.blocks['sketch']!.begin, 'BOX'],
  [vocabulary.blocks['sketch']!.end, 'EOX'],
  ...[1, 2, 3, 4].map((size) => [vocabulary.sizes.offset + size - 1, String(size)] as const),
]);
const offset = vocabulary.discrete['text']!.offset;
const name = (id: number) => names.get(id) ?? (id < offset ? `code${id}` : `t${id - offset}`);

/** Inputs and what each is asked, one under the other; `.` is a slot, or nothing asked. */
const written = ({ ids, targets }: DocumentLayout) => [
  Array.from(ids, name).join(' '),
  Array.from(targets, name).join(' '),
];

describe('a document', () => {
  it('of text asks every position but the last for the next token', () => {
    expect(written(layOutDocument([text(5, 6)], vocabulary))).toEqual([
      'BOS t5 t6 EOS', //
      't5 t6 EOS .',
    ]);
  });

  it('with a caption before its image asks for the begin token, not for slots or the end token', () => {
    expect(written(layOutDocument([text(5), image(3)], vocabulary))).toEqual([
      'BOS t5 BOI . . . EOI EOS', //
      't5 BOI . . . . EOS .',
    ]);
  });

  it('with an image before its caption asks the end token for the first word', () => {
    expect(written(layOutDocument([image(2), text(5, 6)], vocabulary))).toEqual([
      'BOS BOI . . EOI t5 t6 EOS', //
      'BOI . . . t5 t6 EOS .',
    ]);
  });

  it('with images side by side asks one’s end token for the other’s begin token', () => {
    expect(written(layOutDocument([image(1), block('audio', 1)], vocabulary))).toEqual([
      'BOS BOI . EOI BOA . EOA EOS', //
      'BOI . . BOA . . EOS .',
    ]);
  });

  it('with a dropped caption never asks for the token that stands for it, but asks what follows', () => {
    expect(written(layOutDocument([dropped, image(1)], vocabulary))).toEqual([
      'BOS DROP BOI . EOI EOS', //
      '. BOI . . EOS .',
    ]);
    expect(written(layOutDocument([text(1), dropped], vocabulary))).toEqual(['BOS t1 DROP EOS', 't1 . EOS .']);
  });

  it('gives each discrete modality ids of its own', () => {
    expect(written(layOutDocument([code(2), text(0)], vocabulary))[0]).toBe('BOS code2 t0 EOS');
  });

  it('that is open ends after its last segment, as a prompt does', () => {
    expect(written(layOutDocument([text(5)], vocabulary, { end: 'open' }))).toEqual(['BOS t5', 't5 .']);
    expect(written(layOutDocument([], vocabulary, { end: 'open' }))).toEqual(['BOS', '.']);
  });

  it('without segments is a beginning and an end', () => {
    expect(written(layOutDocument([], vocabulary))).toEqual(['BOS EOS', 'EOS .']);
  });

  it('says where its blocks are', () => {
    const [first, second] = [image(2), block('audio', 3)] as Extract<EncodedSegment, { kind: 'continuous' }>[];
    const { blocks } = layOutDocument([text(5), first!, second!], vocabulary);
    expect(blocks).toEqual([
      { modality: 'image', latent: first!.latent, begin: 2, start: 3, tokens: 2, grid: [2] },
      { modality: 'audio', latent: second!.latent, begin: 6, start: 7, tokens: 3, grid: [3] },
    ]);
  });

  it('tells the sizes of a grid before the block, and asks for them, where the modality’s shapes are told', () => {
    const layout = layOutDocument([text(5), block('sketch', 2, 1)], vocabulary);
    expect(written(layout)).toEqual(['BOS t5 BOX 2 1 . . EOX EOS', 't5 BOX 2 1 . . . EOS .']);
    expect(layout.blocks[0]).toMatchObject({ begin: 2, start: 5, tokens: 2 });
  });

  it('refuses modalities that the vocabulary does not have', () => {
    const refused = expect.objectContaining({ code: 'sequence.invalid' });
    expect(() => layOutDocument([{ kind: 'discrete', modality: 'image', ids: [] }], vocabulary)).toThrow(refused);
    expect(() => layOutDocument([block('video', 1)], vocabulary)).toThrow(refused);
    expect(() => layOutDocument([block('video', 1)], vocabulary)).toThrow(/segment of modality video.*audio or image/);
  });
});

const segments: fc.Arbitrary<EncodedSegment[]> = fc.array(
  fc.oneof(
    fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 5 }).map((ids) => text(...ids)),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }).map((ids) => code(...ids)),
    fc.constant(dropped),
    fc.integer({ min: 0, max: 4 }).map((tokens) => image(tokens)),
    fc.integer({ min: 1, max: 4 }).map((tokens) => block('audio', tokens)),
  ),
  { maxLength: 6 },
);

describe('any document', () => {
  it('asks exactly the positions that may be asked, and asks them for what really follows', () => {
    fc.assert(
      fc.property(segments, (all) => {
        const { ids, targets, length } = layOutDocument(all, vocabulary);
        const begins = beginsOf(vocabulary);
        expect([ids.length, targets.length]).toEqual([length, length]);
        for (let position = 0; position < length; position++) {
          const next = ids[position + 1];
          const beforeBlock = begins.includes(ids[position]!); // none of these modalities tells its shape
          const asked = ids[position]! >= 0 && !beforeBlock && next !== undefined && next !== vocabulary.droppedCaption;
          expect(targets[position]).toBe(asked ? next : noTarget);
        }
        const ends = Object.values(vocabulary.blocks).map(({ end }) => end);
        expect([...targets].some((target) => ends.includes(target))).toBe(false);
      }),
    );
  });

  it('wraps every block in its begin and end token, and puts slots nowhere else', () => {
    fc.assert(
      fc.property(segments, (all) => {
        const { ids, blocks } = layOutDocument(all, vocabulary);
        const slots = new Set<number>();
        for (const { modality, start, tokens } of blocks) {
          expect(ids[start - 1]).toBe(vocabulary.blocks[modality]!.begin);
          expect(ids[start + tokens]).toBe(vocabulary.blocks[modality]!.end);
          for (let index = start; index < start + tokens; index++) slots.add(index);
        }
        ids.forEach((id, position) => expect(id < 0).toBe(slots.has(position)));
        expect(blocks).toHaveLength(all.filter(({ kind }) => kind === 'continuous').length);
      }),
    );
  });
});

function beginsOf({ blocks }: Vocabulary): number[] {
  return Object.values(blocks).map(({ begin }) => begin);
}
