import { describe, expect, it } from 'vitest';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { createCodecDisplay, describeCodecStep } from './codec-display.ts';

const report = (step: number) => ({
  step,
  loss: 0.3,
  reconstruction: 0.12345,
  divergence: 0.0213,
  gradientNorm: 1,
  learningRate: 1e-3,
});

it('a step is described by its number, the error, the divergence and the time left', () => {
  expect(describeCodecStep(report(3), { steps: 25, secondsLeft: 245 })).toBe(
    'step 3/25  error 0.1235  divergence 0.0213  4 min 5 s left',
  );
});

it('a step shows the optional terms that it has', () => {
  const full = { ...report(3), perceptual: 0.321, discriminator: 0.9 };
  expect(describeCodecStep(full, { steps: 25, secondsLeft: 245 })).toBe(
    'step 3/25  error 0.1235  divergence 0.0213  perceptual 0.321  discriminator 0.9  4 min 5 s left',
  );
});

describe('the display', () => {
  it('writes a line for the first, the last and every logEvery-th step where nobody watches', () => {
    const { stderr, written } = recordSurroundings();
    const display = createCodecDisplay(stderr, { steps: 25, logEvery: 10 });
    display.prepare({ task: 'drawing', done: 1, total: 2 });
    display.prepare({ task: 'drawing', done: 2, total: 2 });
    display.prepare({ task: 'drawing', done: 2, total: 2 });
    for (let step = 1; step <= 25; step++) display.step(report(step));
    display.close();
    const lines = written.stderr.trimEnd().split('\n');
    expect(lines.map((line) => line.split('  ')[0])).toEqual([
      'drawing: done',
      'step 1/25',
      'step 10/25',
      'step 20/25',
      'step 25/25',
    ]);
    expect(written.stderr).not.toContain('\u001B');
  });

  it('writes over its line on a terminal, and leaves the last state behind', () => {
    const { stderr, written } = recordSurroundings({ terminal: 'stderr' });
    const display = createCodecDisplay(stderr, { steps: 25, logEvery: 10 });
    display.step(report(1));
    display.write('warn: careful\n');
    display.step(report(2));
    display.close();
    display.close();
    const clear = '\r\u001B[K';
    const [nothing, first = '', warning, second = ''] = written.stderr.split(clear);
    expect([nothing, warning]).toEqual(['', 'warn: careful\n']);
    expect([first.split('  ')[0], second.split('  ')[0]]).toEqual(['step 1/25', 'step 2/25']);
    expect(second.indexOf('\n')).toBe(second.length - 1);
  });
});
