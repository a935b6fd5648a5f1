import { describe, expect, it } from 'vitest';
import { straightPath } from '../../../../test/support/tiny-batch.ts';
import { tinySplit } from '../../../../test/support/tiny-dataset.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { DatasetSplit } from '../contracts/dataset.ts';
import type { Segment } from '../contracts/segment.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { createDocumentStream, type DocumentPolicy, type TrainingDocument } from './document-stream.ts';

const model = defineModel(tinyTransformer(), [letters(6), tinySignal()]);
const { vocabulary } = model;
const paper: DocumentPolicy = { captionFirst: 0.8, captionDropout: 0.1, imageFirstTimeCap: 0.5 };

function streamOf({
  split = tinySplit(7),
  policy = paper,
  seed = 1,
}: {
  split?: DatasetSplit;
  policy?: DocumentPolicy;
  seed?: number;
}) {
  return createDocumentStream({ split, model, schedule: straightPath, policy, seed });
}

const take = (stream: ReturnType<typeof streamOf>, from: number, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => stream.document(from + index)));

/** Which of the split's items a document was made from, by its signal. */
const itemOf = ({ layout }: TrainingDocument, length: number) =>
  Array.from({ length }, (_, index) => index).find(
    (index) => tinySample(100 + index).data[1] === layout.blocks[0]!.latent.data[1],
  );

const hasDropped = ({ layout }: TrainingDocument) => layout.ids.includes(vocabulary.droppedCaption);
const imageIsFirst = ({ layout }: TrainingDocument) => layout.ids[1] === vocabulary.blocks['signal']!.begin;

describe('the stream of documents', () => {
  it('has each document decided by the seed and its number alone', async () => {
    const inOrder = await take(streamOf({}), 0, 20);
    const stream = streamOf({});
    for (const number of [19, 3, 11, 0]) expect(await stream.document(number)).toEqual(inOrder[number]);
    expect(await take(streamOf({ seed: 2 }), 0, 20)).not.toEqual(inOrder);
  });

  it('takes every item once per epoch, each epoch in an order of its own', async () => {
    const stream = streamOf({ split: tinySplit(12) });
    const epochs = await Promise.all([0, 12, 24].map((from) => take(stream, from, 12)));
    const orders = epochs.map((documents) => documents.map((document) => itemOf(document, 12)));
    for (const order of orders)
      expect(order.toSorted((a, b) => a! - b!)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(new Set(orders.map(String)).size).toBe(3);
  });

  it('puts captions first, drops them and turns pairs round as often as its policy says', async () => {
    const count = 3000;
    const documents = await take(streamOf({ split: tinySplit(50) }), 0, count);
    const near = (found: number, expected: number) =>
      expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / count));
    near(documents.filter(imageIsFirst).length / count, 0.2);
    near(documents.filter(hasDropped).length / count, 0.8 * 0.1);
    expect(documents.filter((document) => imageIsFirst(document) && hasDropped(document))).toEqual([]);
  });

  it('caps the time of what stands before its caption, and of nothing else', async () => {
    const documents = await take(streamOf({ split: tinySplit(50) }), 0, 1000);
    const timesOf = (some: readonly TrainingDocument[]) => some.flatMap(({ noises }) => noises.map(({ time }) => time));
    const first = timesOf(documents.filter(imageIsFirst));
    const later = timesOf(documents.filter((document) => !imageIsFirst(document)));
    expect(Math.max(...first)).toBeLessThanOrEqual(0.5);
    expect(Math.max(...first)).toBeGreaterThan(0.4);
    expect(Math.max(...later)).toBeGreaterThan(0.9);
  });

  it.each([
    ['always the caption', { captionFirst: 1, captionDropout: 0, imageFirstTimeCap: 1 }, /^b1.*B\.\.\.Ee$/],
    ['never a caption', { captionFirst: 1, captionDropout: 1, imageFirstTimeCap: 1 }, /^bxB\.\.\.Ee$/],
    ['always the image', { captionFirst: 0, captionDropout: 1, imageFirstTimeCap: 1 }, /^bB\.\.\.E1.*e$/],
  ] as const)('follows a policy to its ends: %s first', async (_, policy, pattern) => {
    const names = new Map([
      [-1, '.'],
      [vocabulary.beginDocument, 'b'],
      [vocabulary.endDocument, 'e'],
      [vocabulary.droppedCaption, 'x'],
      [vocabulary.blocks['signal']!.begin, 'B'],
      [vocabulary.blocks['signal']!.end, 'E'],
    ]);
    for (const { layout } of await take(streamOf({ policy }), 0, 20)) {
      expect(Array.from(layout.ids, (id) => names.get(id) ?? '1').join('')).toMatch(pattern);
    }
  });

  it('turns pairs given in either order, keeps longer documents in theirs, drops what leads to a block', async () => {
    const item = (segments: readonly Segment[]): DatasetSplit => ({
      name: 'one',
      length: 1,
      item: () => ({ id: 'only', segments }),
    });
    const [text, signal] = [
      { modality: 'text', value: 'ab' },
      { modality: 'signal', value: tinySample(1) },
    ];
    const policy = { captionFirst: 0, captionDropout: 1, imageFirstTimeCap: 0.1 };
    const read = async (...segments: Segment[]) => {
      const documents = await take(streamOf({ split: item(segments), policy }), 0, 30);
      const layouts = new Set(documents.map(({ layout }) => layout.ids.join(' ')));
      return { layouts: [...layouts], times: documents.flatMap(({ noises }) => noises.map(({ time }) => time)) };
    };
    const { beginDocument: b, endDocument: e } = vocabulary;
    const { begin: B, end: E } = vocabulary.blocks['signal']!;
    expect((await read(text)).layouts).toEqual([[b, 0, 1, e].join(' ')]);
    const reversed = await read(signal, text);
    expect(reversed.layouts).toEqual([[b, B, -1, -1, -1, E, 0, 1, e].join(' ')]);
    expect(Math.max(...reversed.times)).toBeLessThanOrEqual(0.1);
    const x = vocabulary.droppedCaption;
    const longer = await read(text, signal, text);
    expect(longer.layouts).toEqual([[b, x, B, -1, -1, -1, E, 0, 1, e].join(' ')]);
    expect(Math.max(...longer.times)).toBeGreaterThan(0.8);
    const described = await read(signal, signal, text);
    expect(described.layouts).toEqual([[b, B, -1, -1, -1, E, B, -1, -1, -1, E, 0, 1, e].join(' ')]);
    expect(Math.max(...described.times)).toBeLessThanOrEqual(0.1);
    const seen = await read({ ...signal, maximumTime: 0.02 });
    expect(Math.max(...seen.times)).toBeLessThanOrEqual(0.02);
    expect(Math.max(...seen.times)).toBeGreaterThan(0.01);
  });

  it('gives every block a level of the schedule and fresh unit normal noise', async () => {
    const documents = await take(streamOf({ split: tinySplit(50) }), 0, 1000);
    const all = documents.flatMap(({ noises }) => noises);
    for (const { time, level, noise } of all) {
      expect(level).toEqual(straightPath.at(time));
      expect(noise).toHaveLength(6);
    }
    const numbers = all.flatMap(({ noise }) => [...noise]);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const variance = numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(numbers.length));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / numbers.length));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
