import { float32 } from '@transfuse/core/elements';
import { elementKernel } from './element-kernel.ts';
import { counted, countedNames, kernelFamily, sumOfProducts } from './kernel-family.ts';

// What a step of a multistep method comes down to: a sum of the latent, of estimates and of fresh noise, each times a
// number. Products and partial sums are rounded to float32 in order, as diffusers rounds them: where the weights are
// large and nearly cancel, near pure noise, the roundings are what is left. Sums begin with 0, so that they are never -0.

/** An array and its weight. */
export type Term = readonly [weight: number, values: Float32Array];

const f = Math.fround;

const sumOf = kernelFamily((terms: number) => {
  const [arrays, numbers] = [countedNames('x', terms), countedNames('a', terms)];
  return elementKernel({ arrays, numbers }, (parts) => ({
    sum: sumOfProducts(
      float32,
      arrays.map((name, i) => [parts[numbers[i]!]!, parts[name]!]),
    ),
  }));
});

/** The sum of weighted arrays of equal length, at least one, from the first to the last, in a new array. */
export function multistepSum(terms: readonly Term[]): Float32Array {
  const present = presentTerms(terms);
  if (present.length === 0) return new Float32Array(terms[0]![1].length);
  const arrays = present.map(([, values]) => values);
  const weights = present.map(([weight]) => weight);
  return sumOf(present.length)(counted('x', arrays), counted('a', weights)).sum;
}

/** Weights in float32, without the terms of weight 0: these count nothing also where their values are infinite. */
export function presentTerms(terms: readonly Term[]): readonly Term[] {
  return terms.map(([weight, values]): Term => [f(weight), values]).filter(([weight]) => weight !== 0);
}
