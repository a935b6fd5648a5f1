// The weights of a linear multistep method, as `lagrange-integral.ts` has them exactly, but with the rounding errors of
// diffusers: that library integrates by the quadrature of Gauss and Kronrod with 21 nodes (QUADPACK, Piessens et al. 1983),
// over polynomials that it evaluates in float32. Where a last step extrapolates from points that lie close together, the
// weights are large and of both signs, and those errors reach the fourth digit of the result.

/** The nodes above 0, on [-1, 1]; their mirror images and 0 are nodes too. */
const nodes = [
  0.9956571630258081, 0.9739065285171717, 0.9301574913557082, 0.8650633666889845, 0.7808177265864169,
  0.6794095682990244, 0.5627571346686047, 0.4333953941292472, 0.2943928627014602, 0.14887433898163122,
];
/** Their weights, and at the end the weight of 0. */
const weights = [
  0.011694638867371874, 0.032558162307964725, 0.054755896574351995, 0.07503967481091996, 0.0931254545836976,
  0.10938715880229764, 0.12349197626206584, 0.13470921731147334, 0.14277593857706009, 0.1477391049013385,
  0.1494455540029169,
];

/** The integral from `from` to `to` of each Lagrange polynomial over `points`, in their order. No two points may be equal. */
export function lagrangeQuadrature(
  points: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  const centre = 0.5 * (from + to);
  const half = 0.5 * (to - from);
  return points.map((_, j) => {
    let sum = weights[nodes.length]! * lagrange(points, j, centre);
    for (const [n, node] of nodes.entries()) {
      const offset = half * node;
      sum += weights[n]! * (lagrange(points, j, centre - offset) + lagrange(points, j, centre + offset));
    }
    return half * sum;
  });
}

/** The polynomial that is 1 at point j and 0 at the others, in float32. */
function lagrange(points: readonly number[], j: number, at: number): number {
  const { fround } = Math;
  const x = fround(at);
  const own = points[j]!;
  let product = 1;
  for (let k = 0; k < points.length; k += 1) {
    if (k === j) continue;
    product = fround(product * fround(fround(x - points[k]!) / fround(own - points[k]!)));
  }
  return product;
}
