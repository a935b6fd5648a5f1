// What a step of a multistep method comes down to: a sum of the latent, of estimates and of fresh noise, each times a
// number. Products and partial sums are rounded to float32 in order, as diffusers rounds them: where the weights are
// large and nearly cancel, near pure noise, the roundings are what is left. Sums begin with 0, so that they are never -0.
// Up to four terms, nearly all that samplers have, are one loop.

/** An array and its weight. */
export type Term = readonly [weight: number, values: Float32Array];

const f = Math.fround;

/** The sum of weighted arrays of equal length, at least one, from the first to the last, in a new array. */
export function multistepSum(terms: readonly Term[]): Float32Array {
  const sum = new Float32Array(terms[0]![1].length);
  const present = presentTerms(terms);
  const [first, second, third, fourth] = present;
  if (first === undefined) return sum;
  const [a, x] = first;
  if (second === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = 0 + f(a * x[i]!);
    return sum;
  }
  const [b, y] = second;
  if (third === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = 0 + f(a * x[i]!) + f(b * y[i]!);
    return sum;
  }
  const [c, z] = third;
  if (fourth === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = f(0 + f(a * x[i]!) + f(b * y[i]!)) + f(c * z[i]!);
    return sum;
  }
  const [d, v] = fourth;
  for (let i = 0; i < sum.length; i += 1) {
    sum[i] = f(f(0 + f(a * x[i]!) + f(b * y[i]!)) + f(c * z[i]!)) + f(d * v[i]!);
  }
  for (const [weight, values] of present.slice(4)) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + f(weight * values[i]!);
  }
  return sum;
}

/** Weights in float32, without the terms of weight 0: these count nothing also where their values are infinite. */
function presentTerms(terms: readonly Term[]): readonly Term[] {
  return terms.map(([weight, values]): Term => [f(weight), values]).filter(([weight]) => weight !== 0);
}
