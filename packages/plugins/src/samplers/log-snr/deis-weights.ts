import { float32Logarithm } from './float32-logarithm.ts';

// The weights of DEIS (Zhang and Chen 2022, arXiv 2204.13902, section 3 and appendix B, in its log-rho form): the noise
// is a polynomial in log rho, rho = sigma / alpha, through this and earlier estimates, and is integrated over rho. Each
// weight is the integral of one Lagrange polynomial, taken as the difference of its antiderivative at both ends. That
// difference loses digits where steps are short; diffusers computes it in float32, with numpy's logarithm, and so it is
// here.

const f = Math.fround;
const log = float32Logarithm;

/** Weights of the noise at `nodes` (rho, the latest first; two or three of them) in the integral from `nodes[0]` to `end`. */
export function deisWeights(nodes: readonly number[], end: number): number[] {
  const from = nodes[0] as number;
  return nodes.map((node, i) => {
    // The other nodes, in cyclic order.
    const [next, afterNext] = [nodes[(i + 1) % nodes.length] as number, nodes[(i + 2) % nodes.length] as number];
    const antiderivative =
      nodes.length === 2
        ? (rho: number) => linear(rho, node, next)
        : (rho: number) => quadratic(rho, node, next, afterNext);
    return f(antiderivative(end) - antiderivative(from));
  });
}

/** Of (log t - log c) / (log b - log c). */
function linear(t: number, b: number, c: number): number {
  return f(f(t * f(f(-log(c) + log(t)) - 1)) / f(log(b) - log(c)));
}

/** Of (log t - log c) (log t - log d) / ((log b - log c) (log b - log d)). */
function quadratic(t: number, b: number, c: number, d: number): number {
  const [logT, logB, logC, logD] = [log(t), log(b), log(c), log(d)];
  const crossed = f(logC * f(f(logD - logT) + 1));
  const sum = f(f(f(f(f(crossed - f(logD * logT)) + logD) + f(logT * logT)) - f(2 * logT)) + 2);
  return f(f(t * sum) / f(f(logB - logC) * f(logB - logD)));
}
