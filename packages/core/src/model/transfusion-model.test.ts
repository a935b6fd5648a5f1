import { mul, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { weighted, worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import { tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { defineModel, embedTokens, languageHead } from './transfusion-model.ts';

const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe('a model', () => {
  const model = defineModel(tinyTransformer(), [tinySignal({ modality: 'sound' }), letters(4), tinySignal()]);

  it('sorts its adapters by kind and shares one vocabulary among them', () => {
    expect([Object.keys(model.discrete), Object.keys(model.continuous)]).toEqual([['text'], ['sound', 'signal']]);
    expect(model.vocabulary.size).toBe(4 + 3 + 2 * 2);
    expect(model.parameters['embedding.weight']!.shape).toEqual([model.vocabulary.size, 16]);
  });

  it('names the parameters of adapters by their modality', () => {
    const names = Object.keys(model.parameters).filter((name) => name.startsWith('adapters.'));
    expect(names).toContain('adapters.signal.input.weight');
    expect(names).toContain('adapters.sound.input.weight');
    expect(model.parameters['adapters.signal.input.weight']!.shape).toEqual([2, 16]);
  });
});

describe.each(Object.entries(engines))('the language head, %s', (_, engine) => {
  it.each(['tied', 'untied'] as const)('has the gradients that finite differences show, %s', async (head) => {
    const config = tinyTransformer({ depth: 1, head });
    const { parameters } = defineModel(config, [letters(4)]);
    const kept = Object.entries(waveParameters(parameters)).filter(([name]) => /^(embedding|head)/.test(name));
    const params: Record<string, HostTensor> = {
      ...Object.fromEntries(kept),
      hidden: { shape: [3, 16], dtype: 'float32', data: wave(60, 48) },
    };
    const worst = await worstGradientMismatch(
      engine,
      (inputs) => {
        // Token 1 twice: its gradient is the sum of both.
        const embedded = embedTokens(inputs, tensor([1, 5, 1], [3], 'int32'));
        return weighted(languageHead(inputs, config, mul(inputs['hidden']!, embedded)));
      },
      params,
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });

  it('scores a token by the product of the hidden state with its embedding where it is tied', async () => {
    const embedding: HostTensor = { shape: [7, 16], dtype: 'float32', data: wave(1, 112) };
    const hidden: HostTensor = { shape: [1, 16], dtype: 'float32', data: wave(2, 16) };
    const { logits } = await runOnce(
      engine,
      (inputs) => ({ logits: languageHead(inputs, tinyTransformer({ head: 'tied' }), inputs['hidden']!) }),
      { 'embedding.weight': embedding, hidden },
    );
    const product = (token: number) =>
      Array.from(hidden.data).reduce((sum, value, index) => sum + value * embedding.data[token * 16 + index]!, 0);
    for (let token = 0; token < 7; token++) expect(logits!.data[token]).toBeCloseTo(product(token), 5);
  });
});

describe('adapters of a model', () => {
  const shapes = (changes: object): ContinuousAdapter => ({ ...tinySignal({ tokens: 3 }), ...changes }) as never;
  const gridOf = (grid: (shape: readonly number[]) => readonly number[]) => ({ tokenGrid: grid });
  const [one, other] = [
    [3, 2],
    [4, 2],
  ] as const;

  it.each<[string, object, string]>([
    ['no latent shape', { latentShapes: [] }, 'no latent shape'],
    ['a default that is not among them', { latentShapes: [other] }, 'defaultLatentShape [3, 2]'],
    ['a shape twice', { latentShapes: [one, one] }, 'two shapes'],
    ['two shapes of one grid', { latentShapes: [one, other], ...gridOf(() => [3]) }, 'two shapes'],
    ['a block of no tokens', gridOf(() => [0]), '[0]'],
    ['a grid without axes', gridOf(() => []), '[]'],
    ['half a token', gridOf(() => [1.5]), '[1.5]'],
    ['more tokens than there are numbers', gridOf(() => [Number.NaN]), '[NaN]'],
  ])('are refused with %s', (_, changes, found) => {
    expect(() => defineModel(tinyTransformer(), [letters(4), shapes(changes)])).toThrow(
      expect.objectContaining({ code: 'sequence.invalid', found: expect.stringContaining(found) }),
    );
  });

  it('are refused where told grids of different numbers of axes could not be told apart', () => {
    const adapter = shapes({ latentShapes: [one, other], ...gridOf(([size]) => (size === 3 ? [3] : [3, 2])) });
    const define = (toldShapes: readonly string[]) => () => defineModel(tinyTransformer(), [adapter], { toldShapes });
    expect(define(['signal'])).toThrow(expect.objectContaining({ code: 'sequence.invalid' }));
    expect(define([])).not.toThrow();
  });

  it.each(['text', 'sginal'])('are named where shapes are told: %s is no continuous modality', (name) => {
    const define = () => defineModel(tinyTransformer(), [letters(4), tinySignal()], { toldShapes: [name] });
    expect(define).toThrow(expect.objectContaining({ code: 'sequence.invalid', expected: 'one of signal' }));
  });
});
