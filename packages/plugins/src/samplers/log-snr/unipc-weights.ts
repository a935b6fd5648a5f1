import type { LogSnrPoint } from './log-snr-point.ts';

// The weights of UniPC (Zhao et al. 2023, arXiv 2302.04867, theorem 3.1 and equations 3, 8 and 9). Predictor and corrector
// of order p add to the exact first-order step a mixture of differences D_k between estimates at other levels and the one
// the step begins with; the mixture's numbers rho solve a Vandermonde system R rho = b, which makes as many terms of the
// expansion agree as there are differences. B(h) is h for `bh1` and e^h - 1 for `bh2`, with -h where the clean estimate is
// integrated. The terms of b lose digits where steps are short, so they are rounded to float32 wherever diffusers does.

/** Which B(h). */
export type UniPcVariant = 'bh1' | 'bh2';

/** What is asked for. */
export interface UniPcStep {
  /** What the network's estimate is of; the one that is integrated. */
  readonly integrates: 'clean' | 'noise';
  readonly variant: UniPcVariant;
  /** Where the step begins and ends. */
  readonly from: LogSnrPoint;
  readonly to: LogSnrPoint;
  /** Levels of estimates before `from`, the latest first. */
  readonly earlier: readonly LogSnrPoint[];
  /** Whether the estimate at `to` is known: the corrector. */
  readonly corrects: boolean;
}

/** Numbers of a step, which {@link uniPcSum} puts together. */
export interface UniPcWeights {
  /** Weight of the latent at `from`. */
  readonly latent: number;
  /** Weight of the estimate at `from`, subtracted. */
  readonly base: number;
  /** Weight of the mixture of differences, subtracted. */
  readonly scale: number;
  /** The levels of `earlier`, as multiples of h. */
  readonly ratios: readonly number[];
  /** The mixture: one number per earlier level, and with a corrector one for `to`. */
  readonly rhos: readonly number[];
}

const f = Math.fround;

/** The weights of a predictor's or a corrector's step. */
export function uniPcWeights({ integrates, variant, from, to, earlier, corrects }: UniPcStep): UniPcWeights {
  const clean = integrates === 'clean';
  const h = f(to.lambda - from.lambda);
  const latent = clean ? f(to.sigma / from.sigma) : f(to.alpha / from.alpha);
  if (h === 0) return { latent, base: 0, scale: 0, ratios: [], rhos: [0] };
  const end = clean ? to.alpha : to.sigma;
  const signed = clean ? -h : h;
  const grown = f(Math.expm1(signed));
  const allRatios = earlier.map(({ lambda }) => f(f(lambda - from.lambda) / h));
  const distinct = new Set([...allRatios, 0, 1]).size === allRatios.length + 2;
  const ratios = distinct ? allRatios : []; // a level that coincides with another says nothing new
  return {
    latent,
    base: f(end * grown),
    scale: f(end * (variant === 'bh1' ? signed : grown)),
    ratios,
    rhos: mixture(ratios, { signed, grown, variant, corrects }),
  };
}

/** The numbers rho: one per earlier level, and with a corrector one for the level that is reached. */
function mixture(
  ratios: readonly number[],
  step: { readonly signed: number; readonly grown: number; readonly variant: UniPcVariant; readonly corrects: boolean },
): number[] {
  const { signed, grown, variant, corrects } = step;
  const nodes = corrects ? [...ratios, 1] : ratios;
  if (nodes.length < 2) return nodes.map(() => 0.5);
  const divisor = variant === 'bh1' ? signed : grown;
  const right: number[] = [];
  let [phi, factorial] = [f(f(grown / signed) - 1), 1];
  for (let i = 1; i <= nodes.length; i += 1) {
    right.push(f(f(phi * factorial) / divisor));
    factorial *= i + 1;
    phi = f(f(phi / signed) - f(1 / factorial));
  }
  const rows = nodes.map((_, power) => nodes.map((node) => f(node ** power)));
  return solve(rows, right).map(f);
}

/** Solves a small linear system by elimination with row exchange. */
function solve(rows: readonly (readonly number[])[], right: readonly number[]): number[] {
  const work = rows.map((row, i) => [...row, right[i] as number]);
  const size = work.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(work[row]![column]!) > Math.abs(work[pivot]![column]!)) pivot = row;
    }
    [work[column], work[pivot]] = [work[pivot]!, work[column]!];
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const share = work[row]![column]! / work[column]![column]!;
      for (let k = column; k <= size; k += 1) work[row]![k]! -= share * work[column]![k]!;
    }
  }
  return work.map((row, i) => row[size]! / row[i]!);
}
