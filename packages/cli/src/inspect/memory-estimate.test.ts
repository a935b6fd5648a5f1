import { validateConfig } from '@transfuse/core';
import { describe, expect, it } from 'vitest';
import { estimateMemory } from './memory-estimate.ts';

const base = { data: { name: 'emoji' }, modalities: { text: { adapter: 'bpe' } } };
const estimate = (model: Record<string, unknown>, train: Record<string, unknown> = {}) =>
  estimateMemory({
    parameters: 1000,
    vocabularySize: 300,
    config: validateConfig({ ...base, model: { preset: 'nano', ...model }, train: { steps: 1, ...train } }),
  });

describe('estimateMemory', () => {
  it('counts weights, moments, average and gradients as 32-bit floats, two copies of what a step replaces', () => {
    const { weights, moments, average, gradients } = estimate({}).training;
    expect({ weights, moments, average, gradients }).toEqual({
      weights: 8000,
      moments: 16_000,
      average: 8000,
      gradients: 4000,
    });
  });

  it('counts keys and values of every block and position, for both branches of guidance', () => {
    // 2 branches x 2 (keys, values) x 2 blocks x 64 features x 1024 positions x 4 bytes
    expect(estimate({}).inference.cache).toBe(2 * 2 * 2 * 64 * 1024 * 4);
    expect(estimate({ keyValueHeads: 1 }).inference.cache).toBe(2 * 2 * 2 * 32 * 1024 * 4);
  });

  it('needs more activations for more rows', () => {
    const rows = (count: number) => estimate({}, { rows: count }).training.activations;
    expect(rows(8)).toBe(2 * rows(4));
  });

  it('totals its parts', () => {
    for (const { total, ...parts } of Object.values(estimate({}))) {
      expect(total).toBe(Object.values(parts).reduce((sum: number, part) => sum + (part as number), 0));
    }
  });
});
