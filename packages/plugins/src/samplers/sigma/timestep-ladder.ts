import type { LadderSettings } from './ladder-settings.ts';

// The timesteps at which a sampler in sigma space begins its steps over a discrete schedule (Lin et al. 2023, arXiv
// 2305.08891, table 2), counted as diffusers counts them in float32. Unlike those of `time-spacing.ts`, `linspace` falls
// between timesteps, and a single step begins where the reference begins it.

/** Falling timesteps of a table of `count`; with `trailing` one more than asked, below 0, where the division leaves a rest. */
export function ladderTimesteps(
  count: number,
  steps: number,
  settings: Pick<LadderSettings, 'spacing' | 'stepsOffset'>,
): number[] {
  switch (settings.spacing) {
    case 'linspace':
      return linspace(count, steps);
    case 'leading': {
      const stride = Math.floor(count / steps);
      return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * stride + settings.stepsOffset);
    }
    case 'trailing':
      return trailing(count, steps);
  }
}

/** From the last timestep to 0, evenly, in float32; a single one is 0. */
function linspace(count: number, steps: number): number[] {
  const stride = (count - 1) / (steps - 1);
  return Array.from({ length: steps }, (_, i) => {
    if (i === 0 && steps > 1) return count - 1;
    return i === steps - 1 ? 0 : Math.fround((steps - 1 - i) * stride);
  });
}

/** From the last timestep down by count / steps. How many there are is decided by a division of floats, as in numpy. */
function trailing(count: number, steps: number): number[] {
  const ratio = count / steps;
  const stride = count - ratio - count;
  return Array.from({ length: Math.ceil(-count / -ratio) }, (_, i) => roundHalfToEven(count + i * stride) - 1);
}

/** The nearest whole number; of two equally near the even one, as numpy rounds. */
export function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
