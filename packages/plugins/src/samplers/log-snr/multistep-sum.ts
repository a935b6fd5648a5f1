// What a step of the log-SNR family comes down to: a sum of the latent, of estimates and of fresh noise, each times a
// number. Products and partial sums are rounded to float32 in order, as diffusers rounds them: where the weights are
// large and nearly cancel, near pure noise, the roundings are what is left.

/** An array and its weight. */
export type Term = readonly [weight: number, values: Float32Array];

/** The sum of weighted arrays of equal length, at least one, from the first to the last, in a new array. */
export function multistepSum(terms: readonly Term[]): Float32Array {
  const [[first, values], ...rest] = terms as readonly [Term, ...Term[]];
  const sum = new Float32Array(values.length);
  addTo(sum, first, values);
  for (const [weight, array] of rest) addTo(sum, weight, array);
  return sum;
}

function addTo(sum: Float32Array, weight: number, values: Float32Array): void {
  const factor = Math.fround(weight);
  if (factor === 0) return; // also where the values are infinite
  for (let i = 0; i < sum.length; i += 1) sum[i] = sum[i]! + Math.fround(factor * values[i]!);
}
