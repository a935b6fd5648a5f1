import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { type EncodedSegment, layOutDocument } from '../packages/core/src/sequence/document-layout.ts';
import type { TrainingDocument } from '../packages/core/src/training/document-stream.ts';
import { countedKinds, batchOf, textOf, trainingDocument } from './support/tiny-batch.ts';
import { tinyImage, tinyPicture } from './support/tiny-image.ts';
import { type DocumentLosses, lossRunner } from './support/tiny-loss.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters } from './support/tiny-numbers.ts';
import { letters } from './support/tiny-text.ts';

// What a document costs is its own business: neighbours, padding and what comes later do not touch it.

const model = defineModel(tinyTransformer(), [letters(12), tinyImage()]);
const values = waveParameters(model.parameters);
const engine = createCompiledEngine({ threads: 1 });
const rowLength = 24;
const shapeOf = (rows: number) => ({
  rows,
  rowLength,
  asked: rows * rowLength,
  silent: rows * rowLength,
  positionAxes: 1,
  blocks: countedKinds(model, { image: rows * 3 }),
});
const [alone, together] = [shapeOf(1), shapeOf(2)];
const [runAlone, runTogether] = [
  await lossRunner(engine, model, values, alone),
  await lossRunner(engine, model, values, together),
];

const image = (stream: number): EncodedSegment => ({
  kind: 'continuous',
  modality: 'image',
  latent: tinyPicture(stream),
  grid: [4],
});

/** A document of up to 11 positions with at most one image, so that two fit a row. */
const documents: fc.Arbitrary<TrainingDocument> = fc
  .record({
    words: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 3 }),
    order: fc.constantFrom('text', 'caption-first', 'image-first', 'dropped'),
    stream: fc.integer({ min: 100, max: 900 }),
    time: fc.double({ min: 0.1, max: 1, noNaN: true }),
  })
  .map(({ words, order, stream, time }) => {
    const segments: Record<typeof order, EncodedSegment[]> = {
      text: [textOf(...words)],
      'caption-first': [textOf(...words), image(stream)],
      'image-first': [image(stream), textOf(...words)],
      dropped: [{ kind: 'dropped-caption' }, image(stream)],
    };
    return trainingDocument(model, segments[order], [{ time, stream: stream + 1 }]);
  });
const four = fc.array(documents, { minLength: 4, maxLength: 4 }).filter(fillsBothRows);

/** First fit leaves no row empty. */
function fillsBothRows(all: readonly TrainingDocument[]): boolean {
  return all.reduce((sum, { layout }) => sum + layout.length, 0) > rowLength;
}

function differenceOf(a: DocumentLosses, b: DocumentLosses): number {
  expect(Object.keys(a.tokens)).toEqual(Object.keys(b.tokens));
  const numbers = ({ tokens, blocks }: DocumentLosses) => [...Object.values(tokens), ...blocks];
  return largestDifference(numbers(a), numbers(b));
}

describe('a document', () => {
  it('costs packed with others what it costs alone', async () => {
    await fc.assert(
      fc.asyncProperty(four, async (all) => {
        const packed = await runTogether(await batchOf(model, all, together));
        for (const [index, document] of all.entries()) {
          const [own] = (await runAlone(await batchOf(model, [document], alone))).documents;
          expect(differenceOf(packed.documents[index]!, own!)).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('changes no other document’s losses when it changes', async () => {
    await fc.assert(
      fc.asyncProperty(four, fc.integer({ min: 0, max: 3 }), async (all, which) => {
        const { ids } = all[which]!.layout;
        const other = ids.map((id) => (id >= 0 && id < 12 ? (id + 5) % 12 : id));
        const shifted = (document: TrainingDocument): TrainingDocument => ({
          layout: {
            ...document.layout,
            ids: other,
            blocks: document.layout.blocks.map((block) => ({ ...block, latent: tinyPicture(7) })),
          },
          noises: document.noises,
        });
        const changed = all.map((document, index) => (index === which ? shifted(document) : document));
        const before = await runTogether(await batchOf(model, all, together));
        const after = await runTogether(await batchOf(model, changed, together));
        before.documents.forEach((losses, index) => {
          if (index !== which) expect(differenceOf(losses, after.documents[index]!)).toBeLessThan(1e-6);
        });
        const moves = other.some((id, index) => id !== ids[index]) || all[which]!.noises.length > 0;
        if (moves) expect(differenceOf(before.documents[which]!, after.documents[which]!)).toBeGreaterThan(1e-6);
      }),
      { numRuns: 25 },
    );
  });

  it('costs the same however much padding lies around it', async () => {
    const document = trainingDocument(model, [textOf(1, 2, 3), image(100)], [{ time: 0.5, stream: 101 }]);
    const { length } = document.layout;
    const found = await Promise.all(
      [length, length + 1, length + 17].map(async (positions) => {
        const shape = {
          rows: 1,
          rowLength: positions,
          asked: positions,
          silent: positions,
          positionAxes: 1,
          blocks: countedKinds(model, { image: positions }),
        };
        const run = await lossRunner(engine, model, values, shape);
        return run(await batchOf(model, [document], shape));
      }),
    );
    for (const { total, text, diffusion } of found.slice(1)) {
      expect(
        largestDifference([total, text, diffusion], [found[0]!.total, found[0]!.text, found[0]!.diffusion]),
      ).toBeLessThan(1e-4);
    }
  });

  it('shares in the mean of a batch by how many tokens it is asked and blocks it has', async () => {
    await fc.assert(
      fc.asyncProperty(four, async (all) => {
        const { text, diffusion, documents: parts } = await runTogether(await batchOf(model, all, together));
        const each = await Promise.all(all.map(async (document) => batchOf(model, [document], alone)));
        let [asked, textSum, blocks, diffusionSum] = [0, 0, 0, 0];
        for (const [index, batch] of each.entries()) {
          const own = await runAlone(batch);
          const tokens = Object.keys(parts[index]!.tokens).length;
          asked += tokens;
          textSum += own.text * tokens;
          blocks += parts[index]!.blocks.length;
          diffusionSum += own.diffusion * parts[index]!.blocks.length;
        }
        expect(Math.abs(text - textSum / asked)).toBeLessThan(1e-5 * text);
        expect(Math.abs(diffusion - diffusionSum / Math.max(1, blocks))).toBeLessThanOrEqual(1e-5 * diffusion);
      }),
      { numRuns: 10 },
    );
  });
});

describe('the account of a batch', () => {
  it('covers each position exactly once, charges padding nothing and sums to the total', async () => {
    await fc.assert(
      fc.asyncProperty(four, async (all) => {
        const { account, total } = await runTogether(await batchOf(model, all, together));
        const places = account.map(({ row, position }) => row * rowLength + position);
        expect(places).toEqual(Array.from({ length: 2 * rowLength }, (_, index) => index));
        const sum = account.reduce((all, { value, weight }) => all + value * weight, 0);
        expect(Math.abs(sum - total)).toBeLessThan(1e-5 * total);
        for (const { document, loss, weight, value, id, target, block } of account) {
          if (document === 0) expect([loss, weight, value]).toEqual(['none', 0, 0]);
          if (loss === 'none') expect([weight, value]).toEqual([0, 0]);
          if (loss === 'next-token')
            expect([id === undefined, target === undefined, value > 0]).toEqual([false, false, true]);
          if (loss === 'diffusion') expect([id, block?.modality, weight > 0]).toEqual([undefined, 'image', true]);
          if (id === model.vocabulary.blocks['image']!.begin) expect(loss).toBe('none');
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe.each([
  ['eager', await createEagerEngine()],
  ['compiled', engine],
] as const)('what a block’s prediction depends on, %s', async (_, by) => {
  const runner = createModelRunner(model, by, by.createStore(values));
  interface Parts {
    readonly before?: number[];
    readonly latent?: Float32Array;
    readonly after?: number[];
    readonly time?: number;
  }
  const predict = async ({ before = [1, 2], latent = tinyPicture(300).data, after = [3, 4], time = 0.4 }: Parts) => {
    const block: EncodedSegment = {
      kind: 'continuous',
      modality: 'image',
      latent: { shape: [4, 4, 3], data: latent },
      grid: [4],
    };
    const layout = layOutDocument([textOf(...before), block, textOf(...after), image(400)], model.vocabulary);
    const outputs = await runner.readSequence(layout, [time, 0]);
    return outputs['image 4x4x3.prediction']!.data.slice(0, 48) as Float32Array;
  };
  const changedAt = (index: number) => {
    const latent = tinyPicture(300).data.slice();
    latent[index]! += 0.5;
    return latent;
  };
  /** The numbers of the top left patch, which is the first token: rows 0 and 1, columns 0 and 1. */
  const firstPatch = (latent: Float32Array) => [...latent.subarray(0, 6), ...latent.subarray(12, 18)];

  it('on every token of the block, later ones too', async () => {
    const [plain, moved] = [await predict({}), await predict({ latent: changedAt(47) })]; // the last token's last number
    expect(largestDifference(firstPatch(plain), firstPatch(moved))).toBeGreaterThan(1e-4);
    const backward = await predict({ latent: changedAt(0) });
    expect(Math.abs(plain[47]! - backward[47]!)).toBeGreaterThan(1e-4);
  });

  it('on what stands before it, and on its time', async () => {
    const plain = await predict({});
    expect(largestDifference(plain, await predict({ before: [1, 5] }))).toBeGreaterThan(1e-4);
    expect(largestDifference(plain, await predict({ time: 0.41 }))).toBeGreaterThan(1e-4);
  });

  it('but not on what stands after it', async () => {
    expect(largestDifference(await predict({}), await predict({ after: [9, 9] }))).toBeLessThan(1e-6);
  });
});
