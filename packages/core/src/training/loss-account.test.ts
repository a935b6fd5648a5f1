import { expect, it } from 'vitest';
import { countedKinds, batchOf, textOf, trainingDocument } from '../../../../test/support/tiny-batch.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { lossAccount } from './loss-account.ts';

// That real accounts cover each position once and sum to the total stands in test/model-isolation.test.ts; here is one
// account in full, with made-up losses.

const model = defineModel(tinyTransformer(), [letters(6), tinySignal()]);
const { beginDocument, endDocument, blocks } = model.vocabulary;
const { begin, end } = blocks['signal']!;
const values = (...data: number[]): HostTensor => ({
  shape: [data.length],
  dtype: 'float32',
  data: Float32Array.from(data),
});

it('names every position’s document, token, charge and weight', async () => {
  const block = { kind: 'continuous', modality: 'signal', latent: tinySample(1), grid: [3] } as const;
  const documents = [
    trainingDocument(model, [textOf(4), block], [{ time: 0.5, stream: 2 }]),
    trainingDocument(model, []),
  ];
  const shape = {
    rows: 1,
    rowLength: 11,
    asked: 8,
    silent: 8,
    positionAxes: 1,
    blocks: countedKinds(model, { signal: 1 }),
  };
  const batch = await batchOf(model, documents, shape);
  const outputs = { tokenLosses: values(1, 2, 3, 4, 100, 100, 100, 100), 'signal 3x2.blockErrors': values(7) };

  const account = lossAccount(batch, outputs, { diffusionWeight: 6 });

  const row = 0;
  const third = {
    loss: 'diffusion',
    value: 7,
    weight: (6 * 4) / 3,
    block: { modality: 'signal', latentShape: [3, 2], index: 0, time: 0.5 },
  };
  const quarter = 0.25; // four tokens are asked
  expect(account).toEqual([
    { row, position: 0, document: 1, id: beginDocument, loss: 'next-token', target: 4, value: 1, weight: quarter },
    { row, position: 1, document: 1, id: 4, loss: 'next-token', target: begin, value: 2, weight: quarter },
    { row, position: 2, document: 1, id: begin, loss: 'none', value: 0, weight: 0 },
    { row, position: 3, document: 1, ...third },
    { row, position: 4, document: 1, ...third },
    { row, position: 5, document: 1, ...third },
    { row, position: 6, document: 1, id: end, loss: 'next-token', target: endDocument, value: 3, weight: quarter },
    { row, position: 7, document: 1, id: endDocument, loss: 'none', value: 0, weight: 0 },
    {
      row,
      position: 8,
      document: 2,
      id: beginDocument,
      loss: 'next-token',
      target: endDocument,
      value: 4,
      weight: quarter,
    },
    { row, position: 9, document: 2, id: endDocument, loss: 'none', value: 0, weight: 0 },
    { row, position: 10, document: 0, loss: 'none', value: 0, weight: 0 },
  ]);
});
