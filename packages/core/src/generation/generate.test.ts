import { describe, expect, it } from 'vitest';
import { straightPath } from '../../../../test/support/tiny-batch.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { scriptedWeights } from '../../../../test/support/tiny-script.ts';
import { tinySample, tinySignal } from '../../../../test/support/tiny-signal.ts';
import { letters } from '../../../../test/support/tiny-text.ts';
import type { Latent } from '../contracts/tensors.ts';
import type { Sampler } from '../contracts/sampler.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { defineModel } from '../model/transfusion-model.ts';
import { generate } from './generate.ts';
import type { GenerationEvent } from './generation-event.ts';
import type { GenerateOptions } from './generation-options.ts';
import { createModelRunner } from './model-runner.ts';
import type { PromptItem } from './prompt.ts';

// The decode loop on scripted weights, where the next token is known: b begins the document, e ends it, ( and ) are the
// begin and end of a block. That its numbers are right stands in test/model-generation.test.ts.

const engine = await createEagerEngine();

/** Halves the noise at every step and takes over the network's clean estimate at the last. */
const halving: Sampler = {
  name: 'halving',
  config: {},
  begin: (_, { steps }) => ({
    times: Array.from({ length: steps }, (_, index) => 1 - index / steps),
    start: (noise) => ({ index: 0, latent: noise, memory: [] }),
    step: ({ index, latent }, { clean }) => ({
      index: index + 1,
      latent: index + 1 === steps ? clean : latent.map((value) => value / 2),
      memory: [],
    }),
  }),
};
const diffusion = { schedule: straightPath, prediction: 'sample', sampler: halving, steps: 3, guidance: 1 } as const;

function runnerFor(script: string, sequenceLength = 64) {
  const model = defineModel(tinyTransformer({ depth: 1, sequenceLength }), [letters(6), tinySignal()]);
  const { beginDocument, endDocument, blocks } = model.vocabulary;
  const ids: Record<string, number> = {
    b: beginDocument,
    e: endDocument,
    '(': blocks['signal']!.begin,
    ')': blocks['signal']!.end,
  };
  const id = (symbol: string) => ids[symbol] ?? symbol.charCodeAt(0) - 'A'.charCodeAt(0);
  const transitions = script.split(' ').map(([from, to]) => [id(from!), id(to!)] as const);
  return createModelRunner(model, engine, engine.createStore(scriptedWeights(model, new Map(transitions))));
}

async function eventsOf(
  script: string,
  prompt: string | readonly PromptItem[],
  options: GenerateOptions & { readonly sequenceLength?: number } = {},
): Promise<GenerationEvent[]> {
  const { sequenceLength, ...rest } = options;
  const events: GenerationEvent[] = [];
  const runner = runnerFor(script, sequenceLength);
  for await (const event of generate(runner, diffusion, prompt, { temperature: 0, ...rest })) events.push(event);
  return events;
}

/** One word per event. */
function written(events: readonly GenerationEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'token') return `token ${event.id}`;
    if (event.type === 'text') return `text ${event.delta}`;
    if (event.type === 'step') return `step ${event.step}/${event.of}`;
    if (event.type === 'segment')
      return event.modality === 'text' ? `said ${String(event.value)}` : `made ${event.modality}`;
    return `end ${event.reason} ${event.tokens} ${event.blocks}`;
  });
}

/** Letters are written large in scripts, so that they do not collide with the special tokens: A is `a`, id 0. */
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

  it('as a block that does not fit ends the generation', async () => {
    expect(written(await eventsOf('bA', ['abcdef', { want: 'signal' }], { sequenceLength: 11 }))).toEqual([
      'end sequence-length 0 0',
    ]);
    expect(written(await eventsOf('bA', ['abcdef', { want: 'signal' }], { sequenceLength: 12 })).at(-1)).toBe(
      'end fulfilled 0 1',
    );
  });
});

describe('a stop string', () => {
  it('ends the text before it, and the generation', async () => {
    expect(written(await eventsOf('bA AB BC CD De', [], { stop: ['c'] }))).toEqual([
      'token 0',
      'text a',
      'token 1',
      'text b',
      'token 2',
      'said ab',
      'end stop-string 3 0',
    ]);
  });

  it('over several tokens is never shown in part', async () => {
    expect(written(await eventsOf('bA AB BC CD De', [], { stop: ['bcd'] }))).toEqual([
      'token 0',
      'text a',
      'token 1',
      'token 2',
      'token 3',
      'said a',
      'end stop-string 4 0',
    ]);
  });

  it('that does not come about is shown after all', async () => {
    const events = written(await eventsOf('bA AB Be', [], { stop: ['bx'] }));
    expect(events.slice(-3)).toEqual(['text b', 'said ab', 'end end-of-document 2 0']);
  });

  it('ends the generation also where a block was still wanted', async () => {
    const events = await eventsOf('bA AB Be', [{ want: 'text' }, { want: 'signal' }], { stop: ['b'] });
    expect(written(events)).toEqual(['token 0', 'text a', 'token 1', 'said a', 'end stop-string 2 0']);
  });
});

describe('a step', () => {
  it('previews the network’s present estimate; the last one is the result', async () => {
    const previews: Latent[] = [];
    let made: Latent | undefined;
    for await (const event of generate(runnerFor(interleaved), diffusion, [{ want: 'signal' }])) {
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

describe('an abort', () => {
  async function abortAt(script: string, type: GenerationEvent['type'], count: number) {
    const controller = new AbortController();
    const seen: GenerationEvent[] = [];
    const run = async () => {
      for await (const event of generate(runnerFor(script), diffusion, [], {
        temperature: 0,
        signal: controller.signal,
      })) {
        seen.push(event);
        if (seen.filter((each) => each.type === type).length === count) controller.abort(new Error('enough'));
      }
    };
    await expect(run()).rejects.toMatchObject({ code: 'generation.aborted', cause: new Error('enough') });
    return written(seen);
  }

  it('in the middle of a block stops before the next step is told', async () => {
    expect((await abortAt('b( )A', 'step', 2)).at(-1)).toBe('step 2/3');
  });

  it('in the middle of a text stops before the next token', async () => {
    expect(await abortAt('bA AA', 'text', 2)).toEqual(['token 0', 'text a', 'token 0', 'text a']);
  });

  it('beforehand lets nothing happen', async () => {
    const run = eventsOf(interleaved, [], { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ code: 'generation.aborted' });
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
