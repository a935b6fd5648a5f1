import { describe, expect, it } from 'vitest';
import { classifierFreeGuider } from './classifier-free.ts';
import { type GenerateOptions, resolveGenerateOptions } from './generation-options.ts';

const guiders = [classifierFreeGuider(3)];
const sampler = { name: 'none', config: {}, begin: () => expect.unreachable() };
const defaults = { steps: 20, guiders, sampler };

describe('generation options', () => {
  it('take the model’s steps and guidance and plain sampling where nothing is said', () => {
    expect(resolveGenerateOptions({}, defaults)).toEqual({
      seed: 0,
      maximumTokens: 256,
      maximumBlocks: 4,
      steps: 20,
      guiders,
      sampler,
      stepCache: undefined,
      negative: undefined,
      weak: undefined,
      noise: 'transfuse',
      stop: [],
      cache: 'prefix',
      temperature: 1,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      signal: undefined,
    });
  });

  it('let undefined stand for the default', () => {
    const options = { steps: undefined, seed: undefined } as unknown as GenerateOptions;
    expect(resolveGenerateOptions(options, defaults)).toMatchObject({ steps: 20, seed: 0 });
  });

  it.each<[keyof GenerateOptions, readonly number[], readonly number[]]>([
    ['seed', [-1, 0, 2 ** 40], [Number.NaN, Infinity]],
    ['maximumTokens', [0, 1], [-1, 1.5, Number.NaN]],
    ['maximumBlocks', [0, 3], [-1, 0.5]],
    ['steps', [1, 50], [0, -1, 2.5, Infinity]],
    ['temperature', [0, 0.7, 100], [-1, 101, Number.NaN]],
    ['topK', [0, 40], [-1, 0.5]],
    ['topP', [0.001, 1], [0, 1.01, Number.NaN]],
    ['minP', [0, 1], [-0.1, 1.1]],
    ['repetitionPenalty', [0.5, 1, 100], [0, -1, 101]],
  ])('check %s', (name, good, bad) => {
    for (const value of good)
      expect(resolveGenerateOptions({ [name]: value }, defaults)).toMatchObject({ [name]: value });
    for (const value of bad) {
      expect(() => resolveGenerateOptions({ [name]: value }, defaults), String(value)).toThrow(
        expect.objectContaining({ code: 'generation.invalid-option', place: `options.${name}` }),
      );
    }
  });

  it('take a guidance scale as classifier-free guidance', () => {
    for (const scale of [0, 1, 7.5, 1000]) {
      const [guider] = resolveGenerateOptions({ guidance: scale }, defaults).guiders;
      expect(guider).toMatchObject({ name: 'classifier-free', config: { scale } });
    }
    for (const scale of [-0.1, 1001, Number.NaN]) {
      expect(() => resolveGenerateOptions({ guidance: scale }, defaults)).toThrow(
        expect.objectContaining({ code: 'generation.invalid-option', place: 'options.guidance' }),
      );
    }
  });

  it('need a weaker model where a guider reads one', () => {
    const guidance = [{ ...classifierFreeGuider(2), branches: ['weak'] as const }];
    expect(() => resolveGenerateOptions({ guidance }, defaults)).toThrow(
      expect.objectContaining({ place: 'options.weak' }),
    );
  });

  it('refuse what is not a number', () => {
    const options = { steps: '20' } as unknown as GenerateOptions;
    expect(() => resolveGenerateOptions(options, defaults)).toThrow(
      /options\.steps: found 20, expected a whole number/,
    );
  });

  it.each<[string, unknown]>([
    ['maxTokens', 5],
    ['stop', 'ab'],
    ['stop', [1]],
    ['cache', 'some'],
    ['signal', 5],
  ])('refuse %s: %j, instead of taking it for a default', (name, value) => {
    expect(() => resolveGenerateOptions({ [name]: value } as GenerateOptions, defaults)).toThrow(
      expect.objectContaining({ code: 'generation.invalid-option', place: `options.${name}` }),
    );
  });
});
