import { float64, type Formula } from '@transfuse/core/elements';
import { elementKernel } from './element-kernel.ts';
import { counted, countedNames, kernelFamily } from './kernel-family.ts';

// What every step of a sampler comes down to: a sum of arrays, each times a number that was known when the run was
// planned. Sums are taken in float64, from the first term to the last, and rounded once.

/** An array and its weight. */
export type WeightedTerm = readonly [weight: number, values: Float32Array];

const { plus, times } = float64;

const sumOf = kernelFamily((terms: number) =>
  elementKernel({ arrays: countedNames('x', terms), numbers: countedNames('a', terms) }, (parts) => {
    const products = Array.from({ length: terms }, (_, i): Formula => times(parts[`a${i}`]!, parts[`x${i}`]!));
    return { sum: products.reduce(plus) };
  }),
);

/** The sum of at least one weighted array of equal lengths, in a new array. */
export function weightedSum(terms: readonly WeightedTerm[]): Float32Array {
  const arrays = terms.map(([, values]) => values);
  const weights = terms.map(([weight]) => weight);
  return sumOf(terms.length)(counted('x', arrays), counted('a', weights)).sum;
}
