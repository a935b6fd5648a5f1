import type { TrainingProgress } from '@transfuse/core';
import { describe, expect, it } from 'vitest';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { createTrainingDisplay, describeStep } from './training-display.ts';

const progress = (step: number): TrainingProgress => ({
  step,
  steps: 25,
  total: 36.36,
  text: 5.5117,
  diffusion: 6.1699,
  gradientNorm: 40,
  learningRate: 3e-4,
  tokens: 212,
  documents: 11,
  tokensPerSecond: 8019.2,
  secondsLeft: 245,
});

it('a step is described by its number, both losses, the speed and the time left', () => {
  expect(describeStep(progress(3))).toBe('step 3/25  text 5.512  diffusion 6.17  8,019 tokens/s  4 min 5 s left');
});

describe('where nobody watches', () => {
  it('writes a line for the first, the last and every logEvery-th step', () => {
    const { stderr, written } = recordSurroundings();
    const display = createTrainingDisplay(stderr, { logEvery: 10 });
    for (let step = 1; step <= 25; step++) display.step(progress(step));
    display.close();
    const steps = written.stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.split('  ')[0]);
    expect(steps).toEqual(['step 1/25', 'step 10/25', 'step 20/25', 'step 25/25']);
    expect(written.stderr).not.toContain('\u001B');
  });

  it('writes one line for each task of the preparation', () => {
    const { stderr, written } = recordSurroundings();
    const display = createTrainingDisplay(stderr, { logEvery: 10 });
    for (const done of [0, 1, 2, 2]) display.prepare({ task: 'drawing emoji', done, total: 2 });
    expect(written.stderr).toBe('drawing emoji: done\n');
  });
});

describe('on a terminal', () => {
  it('draws a bar with the numbers of the last step', () => {
    const { stderr, written } = recordSurroundings({ terminal: 'stderr' });
    const display = createTrainingDisplay(stderr, { logEvery: 10 });
    display.step(progress(24));
    display.step(progress(25));
    display.close();
    expect(written.stderr).toContain('25/25  text 5.512  diffusion 6.17  8,019 tokens/s  4 min 5 s left');
    expect(written.stderr.endsWith('\n')).toBe(true);
  });

  it('clears the bar’s line for a message', () => {
    const { stderr, written } = recordSurroundings({ terminal: 'stderr' });
    const display = createTrainingDisplay(stderr, { logEvery: 10 });
    display.step(progress(1));
    display.write('warn: careful\n');
    display.close();
    expect(written.stderr).toContain('\r\u001B[Kwarn: careful\n');
  });
});
