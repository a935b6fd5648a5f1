import { float32SquareRoot } from './float32-square-root.ts';
import type { LogSnrPoint } from './log-snr-point.ts';

// The weights of SA-Solver (Xue et al. 2023, arXiv 2309.05019, proposition 4.2 and section 5). Over a step from lambda_s
// to lambda_t the SDE with stochasticity tau has the solution
//   clean  sigma_t / sigma_s e^(-tau² h) x + (1 + tau²) sigma_t e^(-tau² lambda_t) ∫ e^((1 + tau²) lambda) clean(lambda) dlambda
//          + sigma_t sqrt(1 - e^(-2 tau² h)) fresh noise
//   noise  alpha_t / alpha_s x - (1 + tau²) alpha_t ∫ e^(-lambda) noise(lambda) dlambda + tau sigma_t sqrt(e^(2h) - 1) fresh noise
// and the estimate is a polynomial in lambda through several evaluations. Each weight is thus an exponentially weighted
// integral of a Lagrange polynomial, which is expanded in powers of lambda, term by term. The expansion loses digits where
// steps are short (from order 3 on nearly all, above 100 steps); diffusers does it in float32, rounded at each operation,
// and so it is here. With order 2 the clean form's weights are changed by a term of order h³, as in the authors' code.

/** What is asked for. */
export interface SaStep {
  readonly integrates: 'clean' | 'noise';
  /** The stochasticity over the step, 0 for the ODE, 1 for the usual SDE. */
  readonly tau: number;
  readonly from: LogSnrPoint;
  readonly to: LogSnrPoint;
  /** Levels of the estimates, the latest first, one to four: `from` and before, or `to` first for the corrector. */
  readonly nodes: readonly LogSnrPoint[];
  readonly corrects: boolean;
}

/** Weights of a step. */
export interface SaWeights {
  /** Of the latent at `from`. */
  readonly latent: number;
  /** Of the estimates at `nodes`. */
  readonly outputs: readonly number[];
  /** Of fresh unit noise. */
  readonly noise: number;
}

const f = Math.fround;
const exp = (x: number) => f(Math.exp(x));
const root = float32SquareRoot;

/** The weights of a predictor's or a corrector's step. */
export function saWeights(step: SaStep): SaWeights {
  const { integrates, tau, from, to } = step;
  const h = f(to.lambda - from.lambda);
  const squared = tau ** 2;
  const rate = 1 + squared;
  const integrals = lagrangeIntegrals(step, rate);
  if (integrates === 'noise') {
    return {
      latent: f(to.alpha / from.alpha),
      outputs: integrals.map((integral) => f(f(-rate * to.alpha) * integral)),
      noise: f(f(tau * to.sigma) * root(f(exp(f(2 * h)) - 1))),
    };
  }
  if (step.nodes.length === 2) {
    const change = secondOrderChange(step, h, rate);
    integrals[0] = f(integrals[0]! + change);
    integrals[1] = f(integrals[1]! - change);
  }
  const front = f(f(rate * to.sigma) * exp(f(-squared * to.lambda)));
  return {
    latent: f(exp(f(-squared * h)) * f(to.sigma / from.sigma)),
    outputs: integrals.map((integral) => f(front * integral)),
    noise: f(to.sigma * root(f(1 - exp(f(-2 * squared * h))))),
  };
}

/** The integral of every node's Lagrange polynomial against the exponential. */
function lagrangeIntegrals({ integrates, from, to, nodes }: SaStep, rate: number): number[] {
  const power = integrates === 'clean' ? growingPower : shrinkingPower;
  const powers = nodes.map((_, k) => power(k, from.lambda, to.lambda, rate));
  if (nodes.length === 1) return [powers[0]!];
  return nodes.map(({ lambda }, i) => {
    const others = nodes.filter((_, j) => j !== i).map((node) => node.lambda);
    const divisor = others.map((other) => f(lambda - other)).reduce((product, factor) => f(product * factor));
    // Coefficients of the polynomial, the highest power first.
    const coefficients = [1, ...symmetricSums(others)].map((sum) => f(sum / divisor));
    return coefficients.reduce((sum, coefficient, j) => f(sum + f(coefficient * powers[others.length - j]!)), 0);
  });
}

/** What is left of (x - a)(x - b)… after its highest power: its other coefficients, with their signs. */
function symmetricSums(roots: readonly number[]): number[] {
  const [a, b, c] = roots as [number, number, number];
  if (roots.length === 1) return [-a];
  if (roots.length === 2) return [f(-a - b), f(a * b)];
  return [f(f(-a - b) - c), f(f(f(a * b) + f(a * c)) + f(b * c)), f(f(-a * b) * c)];
}

/** The integral of e^(rate x) x^k from `start` to `end`, after x is counted in units of 1 / rate. */
function growingPower(k: number, start: number, end: number, rate: number): number {
  const [s, e] = [f(rate * start), f(rate * end)];
  const left = exp(-f(e - s));
  return f(f(exp(e) * f(alternating(k, e) - f(alternating(k, s) * left))) / rate ** (k + 1));
}

/** x^k - k x^(k-1) + k (k-1) x^(k-2) … */
function alternating(k: number, x: number): number {
  if (k === 0) return 1;
  if (k === 1) return f(x - 1);
  const square = f(x * x);
  if (k === 2) return f(f(square - f(2 * x)) + 2);
  return f(f(f(f(square * x) - f(3 * square)) + f(6 * x)) - 6);
}

/** The integral of e^(-x) x^k from `start` to `end`. */
function shrinkingPower(k: number, start: number, end: number): number {
  const grown = exp(f(end - start));
  return f(exp(-end) * f(f(rising(k, start) * grown) - rising(k, end)));
}

/** x^k + k x^(k-1) + k (k-1) x^(k-2) … */
function rising(k: number, x: number): number {
  if (k === 0) return 1;
  if (k === 1) return f(x + 1);
  const square = f(x * x);
  if (k === 2) return f(f(square + f(2 * x)) + 2);
  return f(f(f(f(square * x) + f(3 * square)) + f(6 * x)) + 6);
}

/** What the first of two weights gains and the second loses. */
function secondOrderChange({ from, to, nodes, corrects }: SaStep, h: number, rate: number): number {
  const bent = f(f(f(h * rate) - 1) + exp(f(rate * -h)));
  const scale = exp(f(rate * to.lambda));
  if (corrects) return h === 0 ? 0 : f(scale * f(f(h / 2) - f(bent / f(rate ** 2 * h))));
  const before = f(from.lambda - nodes[1]!.lambda);
  return f(f(scale * f(f(f(h * h) / 2) - f(bent / rate ** 2))) / before);
}
