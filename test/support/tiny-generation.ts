/**
 * Generations on scripted weights, told in words. A script is pairs of tokens, each followed by its next: b begins the
 * document, e ends it, ( and ) are the begin and end of a block, and letters are written large: A is `a`, id 0.
 */
import type { Engine, Sampler } from '@transfuse/core/contracts';
import { generate } from '../../packages/core/src/generation/generate.ts';
import type { GenerationEvent } from '../../packages/core/src/generation/generation-event.ts';
import type { DiffusionSettings, GenerateOptions } from '../../packages/core/src/generation/generation-options.ts';
import { createModelRunner, type ModelRunner } from '../../packages/core/src/generation/model-runner.ts';
import type { PromptItem } from '../../packages/core/src/generation/prompt.ts';
import { defineModel } from '../../packages/core/src/model/transfusion-model.ts';
import { straightPath } from './tiny-batch.ts';
import { tinyTransformer } from './tiny-model.ts';
import { scriptedWeights } from './tiny-script.ts';
import { tinySignal } from './tiny-signal.ts';
import { letters } from './tiny-text.ts';

/** Halves the noise at every step and takes over the network's clean estimate at the last. */
const halving: Sampler = {
  name: 'halving',
  config: {},
  begin: (_, { steps }) => ({
    evaluations: Array.from({ length: steps }, (_, index) => ({
      time: 1 - index / steps,
      level: straightPath.at(1 - index / steps),
    })),
    steps: Array.from({ length: steps }, (_, index) => index),
    start: (noise) => ({ index: 0, latent: noise, memory: [] }),
    step: ({ index, latent }, { clean }) => ({
      index: index + 1,
      latent: index + 1 === steps ? clean : latent.map((value) => value / 2),
      memory: [],
    }),
  }),
};
/** Three steps of it, without guidance. */
export const halvingDiffusion: DiffusionSettings = {
  schedule: straightPath,
  prediction: 'sample',
  sampler: halving,
  steps: 3,
  guiders: [],
};

/** A runner of a model whose next token the script says. */
export function runnerFor(engine: Engine, script: string, sequenceLength = 64): ModelRunner {
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

/** All events of a greedy generation on a script. */
export async function eventsOf(
  engine: Engine,
  script: string,
  prompt: string | readonly PromptItem[],
  options: GenerateOptions & { readonly sequenceLength?: number } = {},
): Promise<GenerationEvent[]> {
  const { sequenceLength, ...rest } = options;
  const events: GenerationEvent[] = [];
  const runner = runnerFor(engine, script, sequenceLength);
  for await (const event of generate(runner, halvingDiffusion, prompt, { temperature: 0, ...rest })) events.push(event);
  return events;
}

/** One word per event. */
export function written(events: readonly GenerationEvent[]): string[] {
  return events.map((event) => {
    if (event.type === 'token') return `token ${event.id}`;
    if (event.type === 'text') return `text ${event.delta}`;
    if (event.type === 'step') return `step ${event.step}/${event.of}`;
    if (event.type === 'segment')
      return event.modality === 'text' ? `said ${String(event.value)}` : `made ${event.modality}`;
    if (event.type === 'shape') return `shape ${event.latentShape.join('x')}`;
    return `end ${event.reason} ${event.tokens} ${event.blocks}`;
  });
}
