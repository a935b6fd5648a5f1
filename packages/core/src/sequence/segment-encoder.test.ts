import { expect, it, vi } from 'vitest';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { layOutDocument } from './document-layout.ts';
import { createSegmentEncoder } from './segment-encoder.ts';

it('turns text into ids and values into latents with their number of tokens', async () => {
  const encode = createSegmentEncoder(defineModel(tinyTransformer(), [letters(5), tinySignal({ tokens: 3 })]));
  const value = tinySample(1);
  expect(await encode({ modality: 'text', value: 'bad' })).toEqual({
    kind: 'discrete',
    modality: 'text',
    ids: Int32Array.of(1, 0, 3),
  });
  expect(await encode({ modality: 'signal', value })).toEqual({
    kind: 'continuous',
    modality: 'signal',
    latent: value,
    grid: [3],
  });
});

it('encodes the same raw object once, and other objects for themselves', async () => {
  const signal = tinySignal();
  const spy = vi.spyOn(signal, 'encode');
  const encode = createSegmentEncoder(defineModel(tinyTransformer(), [letters(5), signal]));
  const [one, other] = [tinySample(1), tinySample(2)];
  await Promise.all([one, one, other].map((value) => encode({ modality: 'signal', value })));
  await encode({ modality: 'signal', value: one });
  expect(spy.mock.calls.map(([raw]) => raw)).toEqual([one, other]);
});

it('leaves a modality the model does not have to the layout, which says what there is', async () => {
  const model = defineModel(tinyTransformer(), [letters(5)]);
  const segment = await createSegmentEncoder(model)({ modality: 'smell', value: 'rose' });
  expect(() => layOutDocument([segment], model.vocabulary)).toThrow(/segment of modality smell.*expected text/);
});
