// How fast a training runs, step by step: throughput over a sliding window of ten seconds, and the time that is left at
// the mean pace of the last fifty steps.
import type { StepReport } from '../training/step-runner.ts';

/** Where a run stands in time. */
export interface Pace {
  /** Positions per second. */
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
}

/** Begins to measure a run of so many steps; the result is called after every step. */
export function createPace(steps: number): (report: Pick<StepReport, 'step' | 'tokens'>) => Pace {
  const window: { at: number; tokens: number }[] = [];
  const windowMilliseconds = 10_000;
  let previous = performance.now();
  let spent: number[] = [];
  return ({ step, tokens }) => {
    const now = performance.now();
    spent = [...spent.slice(-49), now - previous];
    previous = now;
    window.push({ at: now, tokens });
    while (window.length > 2 && now - window[0]!.at > windowMilliseconds) window.shift();
    const seconds = (now - window[0]!.at) / 1000;
    const counted = window.slice(1).reduce((sum, entry) => sum + entry.tokens, 0);
    const perStep = spent.reduce((sum, time) => sum + time, 0) / spent.length / 1000;
    return {
      tokensPerSecond: seconds > 0 ? counted / seconds : tokens / perStep,
      secondsLeft: perStep * (steps - step),
    };
  };
}
