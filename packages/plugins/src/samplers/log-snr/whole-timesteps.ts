// Which whole timesteps the samplers of the log-SNR family pass, by the customs of Lin et al. 2023 (arXiv 2305.08891,
// table 2), but spread over one step more, whose timestep, 0, is left out: there the last step ends. Counted as numpy's
// `linspace` and `arange` count, float64 rounding included, with halves rounded to the even neighbour. For some numbers
// of steps (61 of 1000 is the first) `trailing` thereby goes on to a timestep -1, with the noise level of timestep 0.

/** What is counted. */
export interface WholeTimesteps {
  readonly steps: number;
  readonly spacing: 'leading' | 'trailing' | 'linspace';
  /** All timesteps of the network's count. */
  readonly timesteps: number;
  /** The timesteps that are used, from 0; at most `timesteps`. */
  readonly used: number;
  /** Added to those of `leading`. */
  readonly offset: number;
}

/** The timesteps, falling. */
export function wholeTimesteps({ steps, spacing, timesteps, used, offset }: WholeTimesteps): number[] {
  switch (spacing) {
    case 'leading': {
      const stride = Math.floor(used / (steps + 1));
      return Array.from({ length: steps }, (_, i) => (steps - i) * stride + offset);
    }
    case 'linspace':
      return evenly(0, used - 1, steps + 1)
        .slice(1)
        .toReversed()
        .map(roundHalfToEven);
    case 'trailing': {
      const stride = timesteps / steps;
      const difference = used - stride - used; // as an array range finds it: from its first two numbers
      return Array.from({ length: Math.ceil(used / stride) }, (_, i) => roundHalfToEven(used + i * difference) - 1);
    }
  }
}

/** `count` numbers from one to another, both included. */
export function evenly(from: number, to: number, count: number): number[] {
  const step = (to - from) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i > 0 && i === count - 1 ? to : i === 0 ? from : i * step + from));
}

/** The nearest whole number; of two equally near ones the even. */
export function roundHalfToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
