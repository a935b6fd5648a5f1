import { describe, expect, it } from 'vitest';
import {
  eventsOf as eventsOn,
  halvingDiffusion,
  runnerFor,
  written,
} from '../../../../test/support/tiny-generation.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { generate } from './generate.ts';
import type { GenerationEvent } from './generation-event.ts';
import type { GenerateOptions } from './generation-options.ts';
import type { PromptItem } from './prompt.ts';

// How a generation is brought to an end from outside: by a stop string, and by an AbortSignal. On scripted weights, as
// test/support/tiny-generation.ts describes them.

const engine = await createEagerEngine();
const eventsOf = (
  script: string,
  prompt: string | readonly PromptItem[],
  options: GenerateOptions & { readonly sequenceLength?: number } = {},
) => eventsOn(engine, script, prompt, options);

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

const interleaved = 'bA AB B( )C Ce';

describe('an abort', () => {
  async function abortAt(script: string, type: GenerationEvent['type'], count: number) {
    const controller = new AbortController();
    const seen: GenerationEvent[] = [];
    const run = async () => {
      for await (const event of generate(runnerFor(engine, script), halvingDiffusion, [], {
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
