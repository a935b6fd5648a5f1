// What every step of a sampler comes down to: a sum of arrays, each times a number that was known when the run was
// planned. Sums are taken in float64 and rounded once. One to five terms, all that samplers have, are one loop each,
// which is what makes a step cheap beside a network.

/** An array and its weight. */
export type WeightedTerm = readonly [weight: number, values: Float32Array];

/** The sum of at least one weighted array of equal lengths, in a new array. */
export function weightedSum(terms: readonly WeightedTerm[]): Float32Array {
  const [[a, x], second, third, fourth, fifth] = terms as readonly [WeightedTerm, ...(WeightedTerm | undefined)[]];
  const sum = new Float32Array(x.length);
  if (second === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = a * x[i]!;
    return sum;
  }
  const [b, y] = second;
  if (third === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = a * x[i]! + b * y[i]!;
    return sum;
  }
  const [c, z] = third;
  if (fourth === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = a * x[i]! + b * y[i]! + c * z[i]!;
    return sum;
  }
  const [d, v] = fourth;
  if (fifth === undefined) {
    for (let i = 0; i < sum.length; i += 1) sum[i] = 0 + a * x[i]! + b * y[i]! + c * z[i]! + d * v[i]!;
    return sum;
  }
  if (terms.length > 5) return sumOfMany(terms, sum);
  const [e, w] = fifth;
  for (let i = 0; i < sum.length; i += 1) sum[i] = 0 + a * x[i]! + b * y[i]! + c * z[i]! + d * v[i]! + e * w[i]!;
  return sum;
}

function sumOfMany(terms: readonly WeightedTerm[], into: Float32Array): Float32Array {
  const total = new Float64Array(into.length);
  for (const [weight, values] of terms) {
    for (let i = 0; i < total.length; i += 1) total[i] = total[i]! + weight * values[i]!;
  }
  into.set(total);
  return into;
}
