import { expect, it } from 'vitest';
import type { ContinuousAdapter, DiscreteAdapter } from '../contracts/modality-adapter.ts';
import { modelAssets } from './build-model.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

it('a checkpoint gets the files of adapters of either kind, and does without those that have none', () => {
  const text = { assets: () => ({ 'tokenizer.json': bytes('t') }) } as unknown as DiscreteAdapter;
  const image = { assets: () => ({ 'image-codec.json': bytes('c') }) } as unknown as ContinuousAdapter;
  const sound = {} as ContinuousAdapter;
  const model = { discrete: { text }, continuous: { image, sound } } as unknown as Parameters<typeof modelAssets>[0];
  expect(modelAssets(model)).toEqual({ 'tokenizer.json': bytes('t'), 'image-codec.json': bytes('c') });
});
