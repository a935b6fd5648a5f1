import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DocumentLayout, type EncodedSegment, layOutDocument, noTarget } from './document-layout.ts';
import {
  type BatchShape,
  createRowPacker,
  farthestAhead,
  inputRuns,
  type PackedRows,
  packRows,
  shapeWithRoomFor,
} from './pack-rows.ts';
import { mayAttend } from './attention-mask.ts';
import { createVocabulary } from './vocabulary.ts';

const vocabulary = createVocabulary(
  [{ modality: 'text', vocabularySize: 10 }],
  [{ modality: 'image' }, { modality: 'audio' }],
);
const tokens: Record<string, number> = { image: 3, audio: 2 };
const words = (count: number): EncodedSegment => ({
  kind: 'discrete',
  modality: 'text',
  ids: Array.from({ length: count }, (_, index) => index % 10),
});
const block = (modality: string, count = tokens[modality]!): EncodedSegment => ({
  kind: 'continuous',
  modality,
  grid: [count],
  latent: { shape: [count], data: new Float32Array(count) },
});
const kinds = (counts: Readonly<Record<string, number>>): BatchShape['blocks'] =>
  Object.fromEntries(
    Object.entries(counts).map(([modality, count]) => {
      const size = tokens[modality]!;
      return [`${modality} ${size}`, { modality, latentShape: [size], tokens: size, count }];
    }),
  );
const documentOf = (...segments: EncodedSegment[]) => layOutDocument(segments, vocabulary);
const shapeOf = (changes: Partial<BatchShape> = {}): BatchShape => ({
  rows: 2,
  rowLength: 12,
  asked: 24,
  silent: 24,
  positionAxes: 1,
  blocks: kinds({ image: 2, audio: 2 }),
  ...changes,
});

const documents: fc.Arbitrary<DocumentLayout> = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 6 }).map(words),
      fc.constantFrom('image', 'audio').map((name) => block(name)),
    ),
    {
      maxLength: 3,
    },
  )
  .map((segments) => documentOf(...segments));

const shapes: fc.Arbitrary<BatchShape> = fc
  .record({
    rows: fc.integer({ min: 1, max: 3 }),
    rowLength: fc.integer({ min: 24, max: 40 }),
    spare: fc.integer({ min: 0, max: 8 }),
    images: fc.integer({ min: 3, max: 6 }),
    audios: fc.integer({ min: 3, max: 6 }),
  })
  .map(({ rows, rowLength, spare, images, audios }) => ({
    rows,
    rowLength,
    asked: 20 + spare,
    silent: 8 + spare,
    positionAxes: 1,
    blocks: kinds({ image: images, audio: audios }),
  }));

/** Packs what fits of a list, in order. */
function packSome(all: readonly DocumentLayout[], shape: BatchShape) {
  const packer = createRowPacker(shape);
  const placed = all.filter((document) => packer.place(document));
  return { placed, packed: packer.finish() };
}

/** Positions of a document in the batch. */
function positionsOf({ documentIds }: PackedRows, document: number): number[] {
  return [...documentIds].flatMap((id, index) => (id === document ? [index] : []));
}

describe('packing any documents', () => {
  const check = (examine: (placed: readonly DocumentLayout[], packed: PackedRows) => void) =>
    fc.assert(
      fc.property(fc.array(documents, { maxLength: 12 }), shapes, (all, shape) => {
        const { placed, packed } = packSome(all, shape);
        examine(placed, packed);
      }),
    );

  it('makes order and inverse undo each other where they are used, and point past the end elsewhere', () => {
    check((_, { order, inverse }) => {
      order.forEach((input, position) => {
        if (input < inverse.length) expect(inverse[input]).toBe(position);
        else expect(input).toBe(inverse.length);
      });
      inverse.forEach((position, input) => {
        if (position < order.length) expect(order[position]).toBe(input);
        else expect(position).toBe(order.length);
      });
    });
  });

  it('places every document whole, in one row, in one piece, with positions from 0', () => {
    check((placed, packed) => {
      expect(packed.documents).toBe(placed.length);
      placed.forEach(({ length, ids }, index) => {
        const found = positionsOf(packed, index + 1);
        expect(found).toEqual(Array.from({ length }, (_, at) => found[0]! + at));
        expect(Math.floor(found[0]! / packed.shape.rowLength)).toBe(Math.floor(found.at(-1)! / packed.shape.rowLength));
        expect(found.map((at) => packed.positions[at])).toEqual(Array.from({ length }, (_, at) => at));
        const read = found.map((at) => {
          const input = packed.order[at]!;
          return input < packed.shape.asked + packed.shape.silent ? packed.ids[input] : -1;
        });
        expect(read).toEqual([...ids]);
      });
    });
  });

  it('asks each position what its document asks there, and nothing of unused inputs', () => {
    check((placed, packed) => {
      let asked = 0;
      placed.forEach(({ targets }, index) => {
        positionsOf(packed, index + 1).forEach((at, position) => {
          const input = packed.order[at]!;
          if (targets[position] === noTarget) {
            expect(input).toBeGreaterThanOrEqual(packed.shape.asked);
            return;
          }
          asked++;
          expect([packed.targets[input], packed.targetMask[input]]).toEqual([targets[position], 1]);
        });
      });
      expect(packed.targetMask.reduce((sum, mask) => sum + mask, 0)).toBe(asked);
    });
  });

  it('numbers blocks through the batch and says where each lies', () => {
    check((placed, packed) => {
      const { offsets } = inputRuns(packed.shape);
      const numbers = new Set<number>();
      for (const [kind, blocks] of Object.entries(packed.blocks)) {
        blocks.forEach(({ row, position, document, start, tokens: count, latent }, index) => {
          const first = row * packed.shape.rowLength + position;
          const number = packed.blockIds[first]!;
          expect(numbers.has(number) || number === 0).toBe(false);
          numbers.add(number);
          for (let token = 0; token < count; token++) {
            expect(packed.blockIds[first + token]).toBe(number);
            expect(packed.documentIds[first + token]).toBe(document);
            expect(packed.positions[first + token]).toBe(start + token);
            expect(packed.order[first + token]).toBe(offsets[kind]! + index * count + token);
          }
          expect(placed[document - 1]!.blocks.map((own) => own.latent)).toContain(latent);
        });
      }
      const marked = packed.blockIds.reduce((sum, id) => sum + (id > 0 ? 1 : 0), 0);
      const slots = placed.reduce((sum, { ids }) => sum + ids.filter((id) => id < 0).length, 0);
      expect([marked, numbers.size]).toEqual([slots, placed.reduce((sum, { blocks }) => sum + blocks.length, 0)]);
    });
  });

  it('leaves document 0, position 0 and no block to padding', () => {
    check((placed, { order, documentIds, blockIds, positions, inverse }) => {
      const used = placed.reduce((sum, { length }) => sum + length, 0);
      expect(documentIds.filter((id) => id === 0)).toHaveLength(order.length - used);
      order.forEach((input, index) => {
        if (input === inverse.length)
          expect([documentIds[index], blockIds[index], positions[index]]).toEqual([0, 0, 0]);
        else expect(documentIds[index]).toBeGreaterThan(0);
      });
    });
  });

  it('refuses a document only where a row, the discrete positions or the blocks are full', () => {
    fc.assert(
      fc.property(fc.array(documents, { maxLength: 12 }), shapes, (all, shape) => {
        const packer = createRowPacker(shape);
        const used = Array<number>(shape.rows).fill(0);
        const filled = { asked: 0, silent: 0 };
        const blocks: Record<string, number> = { image: 0, audio: 0 };
        for (const document of all) {
          const asked = document.targets.filter((target) => target !== noTarget).length;
          const silent = document.ids.filter((id) => id >= 0).length - asked;
          const count = (modality: string) => document.blocks.filter((own) => own.modality === modality).length;
          const row = used.findIndex((length) => length + document.length <= shape.rowLength);
          const room =
            row >= 0 &&
            filled.asked + asked <= shape.asked &&
            filled.silent + silent <= shape.silent &&
            Object.values(shape.blocks).every(
              ({ modality, count: most }) => blocks[modality]! + count(modality) <= most,
            );
          expect(packer.place(document)).toBe(room);
          if (!room) continue;
          used[row]! += document.length;
          filled.asked += asked;
          filled.silent += silent;
          for (const name of Object.keys(blocks)) blocks[name]! += count(name);
        }
      }),
    );
  });
});

describe('packing', () => {
  it('takes the first row with room', () => {
    const packed = packRows([documentOf(words(6)), documentOf(words(9)), documentOf(words(1))], shapeOf());
    expect(packed.documentIds.join('')).toBe('111111113330' + '222222222220');
  });

  it('changes nothing when it refuses a document', () => {
    const shape = shapeOf({ rows: 1 });
    const [first, second] = [documentOf(words(8)), documentOf(words(2))];
    const packer = createRowPacker(shape);
    expect([packer.place(first), packer.place(second)]).toEqual([true, false]);
    expect(packer.finish()).toEqual(packRows([first], shape));
  });

  it('lays the inputs out as asked positions, silent ones, then blocks by kind in alphabetical order', () => {
    expect(inputRuns(shapeOf())).toEqual({ size: 24 + 24 + 2 * 2 + 2 * 3, offsets: { 'audio 2': 48, 'image 3': 52 } });
  });

  it('refuses a document longer than a row', () => {
    const place = () => createRowPacker(shapeOf()).place(documentOf(words(11)));
    expect(place).toThrow(expect.objectContaining({ code: 'sequence.too-long' }));
    expect(place).toThrow(/13 positions, expected at most 12/);
  });

  it('has no room for blocks of a kind the batch does not have', () => {
    expect(createRowPacker(shapeOf()).place(documentOf(block('image', 4)))).toBe(false);
    expect(createRowPacker(shapeOf({ blocks: {} })).place(documentOf(block('image')))).toBe(false);
  });

  it('refuses a list that does not fit', () => {
    const three = [documentOf(words(9)), documentOf(words(9)), documentOf(words(0))];
    expect(() => packRows(three, shapeOf())).toThrow(expect.objectContaining({ code: 'sequence.too-long' }));
  });

  it('counts positions of a block along axes from where it begins, and text along all of them alike', () => {
    const picture: EncodedSegment = {
      kind: 'continuous',
      modality: 'image',
      grid: [2, 3],
      latent: { shape: [6], data: new Float32Array(6) },
    };
    const kind = { modality: 'image', latentShape: [6], tokens: 6, count: 1 };
    const shape = shapeOf({ rows: 1, rowLength: 13, positionAxes: 3, blocks: { 'image 6': kind } });
    const { positions } = packRows([documentOf(words(2), picture, words(1))], shape);
    const along = (axis: number) => [...positions.subarray(axis * 13, (axis + 1) * 13)];
    expect(along(0)).toEqual([0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 10, 11, 12]); // an axis the picture does not have
    expect(along(1)).toEqual([0, 1, 2, 3, 4, 4, 4, 5, 5, 5, 10, 11, 12]);
    expect(along(2)).toEqual([0, 1, 2, 3, 4, 5, 6, 4, 5, 6, 10, 11, 12]);
  });
});

describe('packing with a lane for every document', () => {
  const lanes = { count: 4, length: 8 };

  it('puts documents one after another through all rows, and leaves padding at the end', () => {
    fc.assert(
      fc.property(fc.array(documents, { minLength: 1, maxLength: 6 }), shapes, (all, shape) => {
        const { placed, packed } = packSome(all, { ...shape, lanes: { ...lanes, count: 6 } });
        const ids = placed.flatMap(({ length }, index) => Array<number>(length).fill(index + 1));
        const padding = Array<number>(shape.rows * shape.rowLength - ids.length).fill(0);
        expect([...packed.documentIds]).toEqual([...ids, ...padding]);
      }),
    );
  });

  it('fills rows that a document would not fit whole', () => {
    const shape = shapeOf({ rows: 2, rowLength: 10 });
    const six = documentOf(words(4));
    expect(packSome([six, six, six], shape).placed).toHaveLength(2);
    expect(packSome([six, six, six], { ...shape, lanes }).placed).toHaveLength(3);
  });

  it('says in which row a block begins that goes on in the next', () => {
    const shape = shapeOf({ rows: 2, rowLength: 10, lanes: { count: 4, length: 16 } });
    const { packed } = packSome([documentOf(words(6)), documentOf(block('image'))], shape);
    expect(packed.blocks['image 3']).toMatchObject([{ document: 2, row: 1, position: 0 }]);
    const { packed: across } = packSome([documentOf(words(5)), documentOf(block('image'))], shape);
    expect(across.blocks['image 3']).toMatchObject([{ document: 2, row: 0, position: 9 }]);
    expect([...across.blockIds].slice(8, 13)).toEqual([0, 1, 1, 1, 0]);
  });

  it('takes as many documents as there are lanes, each shorter than its lane, and refuses those longer than a row', () => {
    const shape = shapeOf({ rows: 4, rowLength: 20, asked: 80, silent: 80, lanes: { count: 2, length: 8 } });
    const short = documentOf(words(1));
    expect(packSome([short, short, short], shape).placed).toHaveLength(2);
    expect(packSome([documentOf(words(5))], shape).placed).toHaveLength(1);
    expect(packSome([documentOf(words(6))], shape).placed).toHaveLength(0);
    expect(() => packSome([documentOf(words(19))], shape)).toThrowError(
      expect.objectContaining({ code: 'sequence.too-long' }),
    );
  });
});

describe('a shape with room for a document', () => {
  it('has attention over rows where the document is too long for its lane', () => {
    const lanes = { count: 2, length: 8 };
    expect(shapeWithRoomFor(documentOf(words(5)), shapeOf({ lanes })).lanes).toEqual(lanes);
    expect(shapeWithRoomFor(documentOf(words(6)), shapeOf({ lanes }))).toEqual(shapeOf());
  });

  it('is the shape itself where an empty batch has room', () => {
    const shape = shapeOf();
    expect(shapeWithRoomFor(documentOf(words(3), block('image')), shape)).toEqual(shape);
  });

  it('holds any document that is no longer than a row, and loses no room for others', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.constantFrom('image', 'audio'), { maxLength: 2 }), (document, names) => {
        const blocks = kinds(Object.fromEntries(names.map((name) => [name, 1])));
        const shape = shapeOf({ rowLength: 40, asked: 2, silent: 2, blocks });
        const larger = shapeWithRoomFor(document, shape);
        expect(createRowPacker(larger).place(document)).toBe(true);
        expect(larger.asked).toBeGreaterThanOrEqual(shape.asked);
        for (const [name, { count }] of Object.entries(blocks)) {
          expect(larger.blocks[name]!.count).toBeGreaterThanOrEqual(count);
        }
      }),
    );
  });
});

describe('how far ahead a position may see', () => {
  it('is as far as any key that the mask allows in packed rows of blocks of several lengths', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('image', 'audio'), { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        (of, text) => {
          const shape = shapeOf({ rowLength: 40, blocks: kinds({ image: 4, audio: 4 }) });
          const packed = packRows([documentOf(words(text), ...of.map((modality) => block(modality)))], shape);
          const place = (row: number, position: number) => ({
            position,
            document: packed.documentIds[row * 40 + position]!,
            block: packed.blockIds[row * 40 + position]!,
          });
          let farthest = 0;
          for (let row = 0; row < shape.rows; row++) {
            for (let query = 0; query < 40; query++) {
              for (let key = query + 1; key < 40; key++) {
                if (mayAttend(place(row, query), place(row, key))) farthest = Math.max(farthest, key - query);
              }
            }
          }
          expect(farthest).toBe(of.includes('image') ? 2 : 1); // of three tokens and of two
          expect(farthestAhead(shape)).toBe(2);
        },
      ),
    );
    expect(farthestAhead(shapeOf({ blocks: {} }))).toBe(0);
  });
});
