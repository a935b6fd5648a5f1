import { createCompiledEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import { readPrompt } from '../packages/core/src/generation/sequence-reader.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import {
  blockAt,
  type DocumentLayout,
  type EncodedSegment,
  layOutDocument,
  noTarget,
  slot,
} from '../packages/core/src/sequence/document-layout.ts';
import { textOf } from './support/tiny-batch.ts';
import { tinyImage, tinyNoise, tinyPicture } from './support/tiny-image.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters } from './support/tiny-numbers.ts';
import { letters } from './support/tiny-text.ts';

// A sequence under generation: tokens, noisy blocks and clean blocks read one after another, compared with the whole
// sequence laid out at once.

const model = defineModel(tinyTransformer({ sequenceLength: 160 }), [letters(20), tinyImage()]);
const engine = createCompiledEngine({ threads: 1 });
const runner = createModelRunner(model, engine, engine.createStore(waveParameters(model.parameters)));
const { begin, end } = model.vocabulary.blocks['image']!;
const image = (stream: number): EncodedSegment => ({
  kind: 'continuous',
  modality: 'image',
  latent: tinyPicture(stream),
  grid: [2, 2],
});
const dropped: EncodedSegment = { kind: 'dropped-caption' };
const open = (...segments: EncodedSegment[]) => layOutDocument(segments, model.vocabulary, { end: 'open' });

/** A layout with a begin token and the slots of a noisy block at its end. */
function withNoisyBlock(layout: DocumentLayout, latent: Float32Array): DocumentLayout {
  const ids = Int32Array.of(...layout.ids, begin, ...Array<number>(4).fill(slot));
  const block = blockAt(layout.length, 1, {
    modality: 'image',
    latent: { shape: [4, 4, 3], data: latent },
    grid: [2, 2],
  });
  return {
    length: ids.length,
    ids,
    targets: new Int32Array(ids.length).fill(noTarget),
    blocks: [...layout.blocks, block],
  };
}

/** The prediction for that noisy block, from the whole sequence. */
async function predicted(layout: DocumentLayout, latent: Float32Array, time: number): Promise<Float32Array> {
  const whole = withNoisyBlock(layout, latent);
  const outputs = await runner.readSequence(whole, [...layout.blocks.map(() => 0), time]);
  const before = layout.blocks.length * 48;
  return outputs['image 4x4x3.prediction']!.data.slice(before, before + 48) as Float32Array;
}

async function logitsAfter(layout: DocumentLayout): Promise<Float32Array> {
  return (
    await runner.readSequence(
      layout,
      layout.blocks.map(() => 0),
    )
  )['logits']!.data.slice() as Float32Array;
}

describe.each(['prefix', 'none'] as const)('a sequence read with cache %s', (cache) => {
  it('has after every token the logits of the whole sequence so far', async () => {
    const reader = await readPrompt(runner, open(textOf(1, 2, 3)), { cache });
    expect(largestDifference(reader.logits, await logitsAfter(open(textOf(1, 2, 3))))).toBeLessThan(1e-5);
    const words = [1, 2, 3];
    for (let word = 4; word < 70; word += 1) {
      await reader.appendToken(word % 20);
      words.push(word % 20);
      if (word % 13 === 0 || words.length > 62) {
        expect(reader.length).toBe(1 + words.length);
        expect(largestDifference(reader.logits, await logitsAfter(open(textOf(...words))))).toBeLessThan(1e-4);
      }
    }
  });

  it('predicts a noisy block as the whole sequence would, with images before it', async () => {
    const prompt = open(textOf(1, 2), image(100), textOf(3));
    const reader = await readPrompt(runner, prompt, { cache });
    await reader.appendToken(begin);
    const denoiser = reader.startBlock('image', [4, 4, 3]);
    for (const time of [1, 0.3]) {
      const found = await denoiser.predict(tinyNoise(200), time, []);
      expect(Object.keys(found)).toEqual(['conditional']);
      expect(largestDifference(found.conditional, await predicted(prompt, tinyNoise(200), time))).toBeLessThan(1e-4);
    }
  });

  it('is guided by the same sequence with every run of text dropped', async () => {
    const reader = await readPrompt(runner, open(textOf(1, 2, 3), image(100), textOf(4, 5)), { cache });
    await reader.appendToken(begin);
    const denoiser = reader.startBlock('image', [4, 4, 3]);
    const outputs = await denoiser.predict(tinyNoise(200), 0.6, ['without-text']);
    const unguided = outputs['without-text']!.slice();
    const conditional = outputs.conditional.slice();
    const without = open(dropped, image(100), dropped);
    expect(largestDifference(unguided, await predicted(without, tinyNoise(200), 0.6))).toBeLessThan(1e-4);
    expect(largestDifference(conditional, unguided)).toBeGreaterThan(1e-3);
  });

  it('goes on after a block from its clean value, whatever noise was read on the way', async () => {
    const after = async (noise: number, clean: number) => {
      const reader = await readPrompt(runner, open(textOf(1, 2)), { cache });
      await reader.appendToken(begin);
      const denoiser = reader.startBlock('image', [4, 4, 3]);
      for (const time of [1, 0.5]) await denoiser.predict(tinyNoise(noise), time, ['without-text']);
      await reader.appendBlock('image', tinyPicture(clean));
      await reader.appendToken(end);
      expect(reader.length).toBe(3 + 1 + 4 + 1);
      return reader.logits;
    };
    const logits = await after(200, 100);
    expect(largestDifference(logits, await after(250, 100))).toBeLessThan(1e-6);
    expect(largestDifference(logits, await after(200, 150))).toBeGreaterThan(1e-3);
    expect(largestDifference(logits, await logitsAfter(open(textOf(1, 2), image(100))))).toBeLessThan(1e-4);
  });
});
