/** Generation events in words and numbers, so that two generations can be compared within a tolerance. */
import type { Latent } from '@transfuse/core/contracts';
import { expect } from 'vitest';
import type { GenerationEvent } from '../../packages/core/src/generation/generation-event.ts';
import { largestDifference } from './tiny-numbers.ts';

/** An event with its numbers apart. */
export interface Told {
  readonly words: string;
  readonly numbers: readonly number[];
}

/** Tells one event of a tiny model, whose pictures are latents. */
export async function tell(event: GenerationEvent): Promise<Told> {
  if (event.type === 'token') return { words: `token ${event.id}`, numbers: [event.logProbability] };
  if (event.type === 'text') return { words: `text ${event.delta}`, numbers: [] };
  if (event.type === 'step') {
    return { words: `step ${event.step} of ${event.of}`, numbers: [...((await event.preview()) as Latent).data] };
  }
  if (event.type === 'end') return { words: `end ${event.reason} ${event.tokens} ${event.blocks}`, numbers: [] };
  if (event.type === 'shape') return { words: `shape ${event.latentShape.join('x')}`, numbers: [] };
  if (event.modality === 'text') return { words: `said ${String(event.value)}`, numbers: [] };
  return { words: 'image', numbers: [...(event.value as Latent).data] };
}

/** Expects the same words, and numbers within a tolerance. */
export function expectSameTold(found: readonly Told[], expected: readonly Told[], tolerance: number): void {
  expect(found.map(({ words }) => words)).toEqual(expected.map(({ words }) => words));
  found.forEach(({ words, numbers }, index) => {
    expect(largestDifference(numbers, expected[index]!.numbers), words).toBeLessThan(tolerance);
  });
}
