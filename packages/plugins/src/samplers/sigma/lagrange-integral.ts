// The weights of a linear multistep method over uneven points (Adams and Bashforth; Hairer, Nørsett and Wanner, Solving
// Ordinary Differential Equations I, III.5): the integral over the next step of the polynomial that is 1 at one of the
// points and 0 at the others. Taken exactly, from the polynomial's coefficients.

/**
 * The integral from `from` to `to` of each Lagrange polynomial over `points`, in their order. No two points may be equal.
 *
 * @example
 * ```ts
 * // Adams and Bashforth's second method over steps of 1: 3/2 of the newest slope less 1/2 of the one before.
 * console.assert(lagrangeIntegrals([0, -1], { from: 0, to: 1 }).join() === '1.5,-0.5');
 * ```
 */
export function lagrangeIntegrals(
  points: readonly number[],
  { from, to }: { readonly from: number; readonly to: number },
): number[] {
  const width = to - from;
  const places = points.map((point) => (point - from) / width); // the step is 0 to 1 there
  return places.map((own, j) => {
    let polynomial = [1]; // coefficients of u^0, u^1, …
    for (const [k, other] of places.entries()) {
      if (k === j) continue;
      const divided = polynomial.map((coefficient) => coefficient / (own - other));
      polynomial = [...divided, 0].map((_, power) => (divided[power - 1] ?? 0) - other * (divided[power] ?? 0));
    }
    return width * polynomial.reduce((sum, coefficient, power) => sum + coefficient / (power + 1), 0);
  });
}
