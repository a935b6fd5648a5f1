import { describe, expect, it } from 'vitest';
import { countedKinds, sampleByVelocity, textOf, trainingDocument } from '../../../../test/support/tiny-batch.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import { defineModel } from '../model/transfusion-model.ts';
import type { EncodedSegment } from '../sequence/document-layout.ts';
import { surveyBatchShape } from './batch-shape.ts';
import type { TrainingDocument } from './document-stream.ts';
import { nextBatch } from './training-batch.ts';

const model = defineModel(tinyTransformer(), [letters(6), tinySignal()]);
const signal: EncodedSegment = { kind: 'continuous', modality: 'signal', latent: tinySample(1), grid: [3] };
const pair = trainingDocument(model, [textOf(1), signal], [{ time: 0.5, stream: 1 }]); // 8 positions, 5 of them discrete
const textOnly = (words: number) => trainingDocument(model, [textOf(...Array<number>(words).fill(2))]);
const streamOf = (at: (number: number) => TrainingDocument) => ({ document: async (number: number) => at(number) });
const survey = (at: (number: number) => TrainingDocument, rows: number, rowLength: number) =>
  surveyBatchShape(streamOf(at), model, { rows, rowLength });

describe('the surveyed shape of batches', () => {
  it('is what the documents need, discrete positions rounded up to 16', async () => {
    // Four pairs to a row of 32: 12 pairs of 3 asked and 2 silent positions and a block.
    expect(await survey(() => pair, 3, 32)).toEqual({
      rows: 3,
      rowLength: 32,
      asked: 48,
      silent: 32,
      positionAxes: 1,
      blocks: countedKinds(model, { signal: 12 }),
    });
  });

  it('takes the largest numbers of several batches', async () => {
    const mixed = await survey((number) => (number % 40 < 20 ? pair : textOnly(6)), 2, 48);
    expect(mixed.blocks['signal 3x2']!.count).toBe(12); // batches of pairs alone
    expect(mixed.asked).toBe(96); // batches of text alone ask 7 of every 8 positions
  });

  it('never has more discrete positions than positions, and always room for a row of blocks', async () => {
    const shape = await survey(() => textOnly(6), 1, 24);
    expect(shape).toEqual({
      rows: 1,
      rowLength: 24,
      asked: 24,
      silent: 24,
      positionAxes: 1,
      blocks: countedKinds(model, { signal: 4 }), // a row's worth, though the survey saw none
    });
  });

  it('is filled by the batches it was surveyed from', async () => {
    const at = (number: number) => (number % 3 === 0 ? textOnly(number % 7) : pair);
    const shape = await survey(at, 2, 40);
    let next = 0;
    for (let batch = 0; batch < 8; batch++) {
      const { next: after, tokens } = await nextBatch(streamOf(at), next, shape, sampleByVelocity);
      expect(tokens).toBeGreaterThan(2 * 40 - 2 * 10); // no row could have taken another document
      next = after;
    }
  });

  it('has room for a text as long as a row, so that a run does not stop at a rare one', async () => {
    const shape = await survey(() => pair, 1, 32);
    const rare = textOnly(30);
    expect(rare.layout.length).toBe(32);
    const { next } = await nextBatch(
      streamOf((number) => (number === 0 ? rare : pair)),
      0,
      shape,
      sampleByVelocity,
    );
    expect(next).toBe(1);
  });

  it('keeps documents apart where they are much shorter than rows, and so fills rows better', async () => {
    const shape = await survey(() => pair, 2, 60); // 7 pairs of 8 positions to a row, or 15 to both
    expect(shape).toMatchObject({ lanes: { count: 15, length: 16 }, blocks: countedKinds(model, { signal: 15 }) });
    const { tokens, packed } = await nextBatch(
      streamOf(() => pair),
      0,
      shape,
      sampleByVelocity,
    );
    expect([tokens, packed.documents]).toEqual([120, 15]);
  });

  it('keeps rows whole where one long document would make every lane long', async () => {
    const shape = await survey((number) => (number === 3 ? textOnly(50) : pair), 2, 60);
    expect(shape.lanes).toBeUndefined();
  });

  it.each([
    ['in the midst of a batch', 195],
    ['as its first', 190],
  ])('gives whole rows to a batch with a document longer than any surveyed, %s', async (_, number) => {
    const at = (at: number) => (at === number ? textOnly(40) : pair); // 42 positions
    const shape = await survey(at, 2, 60);
    const batch = await nextBatch(streamOf(at), 190, shape, sampleByVelocity);
    const { lanes, ...rows } = shape;
    expect(lanes).toEqual({ count: 15, length: 16 });
    expect(batch.packed.shape).toEqual(rows);
    expect(batch.next).toBe(198); // 41 words of the long one and 3 of each pair are asked, of 64
    expect(batch.feeds['documentIds']).toHaveLength(120);
  });

  it('leaves a full batch in lanes where a longer document comes next', async () => {
    const at = (number: number) => (number === 205 ? textOnly(40) : pair);
    const shape = await survey(at, 2, 60);
    const batch = await nextBatch(streamOf(at), 190, shape, sampleByVelocity);
    expect([batch.next, batch.packed.shape]).toEqual([205, shape]);
  });
});
