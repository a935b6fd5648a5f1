import { describe, expect, it } from 'vitest';
import {
  eventsOf as eventsOn,
  halvingDiffusion,
  runnerFor,
  written,
} from '../../../../test/support/tiny-generation.ts';
import { tinySample } from '../../../../test/support/tiny-signal.ts';
import type { Latent } from '../contracts/tensors.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { generate } from './generate.ts';
import type { GenerateOptions } from './generation-options.ts';
import type { PromptItem } from './prompt.ts';

// The decode loop on scripted weights, where the next token is known (see test/support/tiny-generation.ts for how a
// script is written). That its numbers are right stands in test/model-generation.test.ts.

const engine = await createEagerEngine();
const eventsOf = (
  script: string,
  prompt: string | readonly PromptItem[],
  options: GenerateOptions & { readonly sequenceLength?: number } = {},
) => eventsOn(engine, script, prompt, options);

const interleaved = 'bA AB B( )C Ce';

describe('going on freely', () => {
  it('writes text, makes a block where the model begins one, writes on and ends with the document', async () => {
    expect(written(await eventsOf(interleaved, []))).toEqual([
      'token 0',
      'text a',
      'token 1',
      'text b',
      'said ab',
      'step 1/3',
      'step 2/3',
      'step 3/3',
      'made signal',
      'token 2',
      'text c',
      'said c',
      'end end-of-document 3 1',
    ]);
  });

  it('goes on from the prompt, whose text it does not repeat', async () => {
    expect(written(await eventsOf('FA AB Be', 'def'))).toEqual([
      'token 0',
      'text a',
      'token 1',
      'text b',
      'said ab',
      'end end-of-document 2 0',
    ]);
  });

  it('goes on from a value at the end of the prompt', async () => {
    const prompt = ['a', { modality: 'signal', value: tinySample(1) }];
    expect(written(await eventsOf(')C Ce', prompt))).toEqual([
      'token 2',
      'text c',
      'said c',
      'end end-of-document 1 0',
    ]);
  });

  it('ends where as many tokens are written as it may', async () => {
    const last = async (maximumTokens: number) => written(await eventsOf(interleaved, [], { maximumTokens })).at(-1);
    expect(await last(0)).toBe('end maximum-tokens 0 0');
    expect(await last(1)).toBe('end maximum-tokens 1 0');
    expect(await last(2)).toBe('end maximum-tokens 2 1'); // the block is no token
    expect(await last(3)).toBe('end end-of-document 3 1');
  });

  it('ends where as many blocks are made as it may', async () => {
    const last = async (maximumBlocks: number) => written(await eventsOf('b( )(', [], { maximumBlocks })).at(-1);
    expect(await last(0)).toBe('end maximum-blocks 0 0');
    expect(await last(3)).toBe('end maximum-blocks 0 3');
  });

  it('ends where the sequence is full, before a token or a block that would not fit', async () => {
    const last = async (script: string, sequenceLength: number) =>
      written(await eventsOf(script, [], { sequenceLength, maximumBlocks: 9 })).at(-1);
    expect(await last('bA AA', 10)).toBe('end sequence-length 9 0'); // b and nine letters
    expect(await last('b( )(', 16)).toBe('end sequence-length 0 3'); // b and three times ( . . . )
    expect(await last('b( )(', 15)).toBe('end sequence-length 0 2');
  });
});

describe('what is wanted', () => {
  it('is made in order, then the generation is fulfilled', async () => {
    expect(written(await eventsOf('bA AB Be )C Ce', [{ want: 'text' }, { want: 'signal' }, { want: 'text' }]))).toEqual(
      [
        'token 0',
        'text a',
        'token 1',
        'text b',
        'said ab',
        'step 1/3',
        'step 2/3',
        'step 3/3',
        'made signal',
        'token 2',
        'text c',
        'said c',
        'end fulfilled 3 1',
      ],
    );
  });

  it('as text does not turn into a block', async () => {
    const events = await eventsOf('b( AB Be', [{ want: 'text' }]); // ( is not allowed: the first letter comes instead
    expect(written(events).filter((line) => line.startsWith('said'))).toEqual(['said ab']);
  });

  it('as text ends where the model goes on with a block, as captions do', async () => {
    const events = await eventsOf('bA AB B( )C Ce', [{ want: 'text' }]);
    expect(written(events).slice(-2)).toEqual(['said ab', 'end fulfilled 2 0']);
    const both = await eventsOf('bA AB B( )C Ce', [{ want: 'text' }, { want: 'signal' }]);
    expect(written(both).at(-1)).toBe('end fulfilled 2 1');
  });

  it('as a block that does not fit ends the generation', async () => {
    expect(written(await eventsOf('bA', ['abcdef', { want: 'signal' }], { sequenceLength: 11 }))).toEqual([
      'end sequence-length 0 0',
    ]);
    expect(written(await eventsOf('bA', ['abcdef', { want: 'signal' }], { sequenceLength: 12 })).at(-1)).toBe(
      'end fulfilled 0 1',
    );
  });
});

describe('a step', () => {
  it('previews the network’s present estimate; the last one is the result', async () => {
    const previews: Latent[] = [];
    let made: Latent | undefined;
    for await (const event of generate(runnerFor(engine, interleaved), halvingDiffusion, [{ want: 'signal' }])) {
      if (event.type === 'step') previews.push((await event.preview()) as Latent);
      if (event.type === 'segment') made = event.value as Latent;
    }
    expect(previews.map(({ shape }) => shape)).toEqual([
      [3, 2],
      [3, 2],
      [3, 2],
    ]);
    expect(previews.at(-1)).toEqual(made);
  });
});

describe('a generation that cannot be', () => {
  it('is refused for a prompt as long as the sequence', async () => {
    await expect(eventsOf('bA', 'abcdef', { sequenceLength: 7 })).rejects.toMatchObject({ code: 'sequence.too-long' });
    expect(written(await eventsOf('FA', 'abcdef', { sequenceLength: 8 }))).toContain('end sequence-length 1 0');
  });

  it('is refused for a modality the model does not have, and for options out of range', async () => {
    await expect(eventsOf('bA', [{ want: 'smell' }])).rejects.toMatchObject({ code: 'sequence.invalid' });
    await expect(eventsOf('bA', [], { topP: 2 })).rejects.toMatchObject({ code: 'generation.invalid-option' });
  });
});
