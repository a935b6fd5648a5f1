// The quantile function of the Beta distribution, for the spacing of noise levels that follows it. The distribution
// function is the regularised incomplete beta integral, by its continued fraction (Abramowitz and Stegun 26.5.8) in
// Lentz's evaluation; the quantile is found by bisection, to the last bits of a double.

/** The x in [0, 1] at which a share of a Beta(alpha, beta) distribution lies below it; alpha and beta above 0. */
export function betaQuantile(share: number, alpha: number, beta: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  let [low, high] = [0, 1];
  for (let round = 0; round < 1100; round += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (betaShare(middle, alpha, beta) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The share of a Beta(alpha, beta) distribution below x. */
export function betaShare(x: number, alpha: number, beta: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast below the mean; above it the mirrored one does.
  if (x > (alpha + 1) / (alpha + beta + 2)) return 1 - betaShare(1 - x, beta, alpha);
  const front = Math.exp(
    logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta) + alpha * Math.log(x) + beta * Math.log1p(-x),
  );
  return (front / alpha) * continuedFraction(x, alpha, beta);
}

function continuedFraction(x: number, alpha: number, beta: number): number {
  const tiny = 1e-300;
  const nonzero = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / nonzero(1 - ((alpha + beta) * x) / (alpha + 1));
  let fraction = d;
  for (let m = 1; m < 500; m += 1) {
    const even = (m * (beta - m) * x) / ((alpha + 2 * m - 1) * (alpha + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    fraction *= d * c;
    const odd = (-(alpha + m) * (alpha + beta + m) * x) / ((alpha + 2 * m) * (alpha + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/** Stirling's series, moved up to where it is exact to double precision. */
function logGamma(x: number): number {
  let [shifted, correction] = [x, 0];
  while (shifted < 15) correction += Math.log(shifted++);
  const inverse = 1 / (shifted * shifted);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - correction;
}
