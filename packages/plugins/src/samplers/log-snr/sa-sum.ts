import { constant, float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { counted, countedNames, kernelFamily, sumOfProducts } from '../kernel-family.ts';
import { multistepSum } from '../multistep-sum.ts';
import type { SaWeights } from './sa-weights.ts';

// One step of SA-Solver on arrays: the latent it begins with, the sum of the estimates, and its noise, in that order and
// rounded to float32 as diffusers rounds.

const { plus, times } = float32;

/** The latent with the sum of so many estimates on it. */
const sumOf = kernelFamily((estimates: number) => sumKernel(estimates, 'deterministic'));
/** The same, with noise on it. */
const noisySumOf = kernelFamily((estimates: number) => sumKernel(estimates, 'stochastic'));

/** The latent at the end of a step, a new array. `outputs` belong to the weights, and may be more. */
export function saSum(
  weights: SaWeights,
  start: Float32Array,
  outputs: readonly Float32Array[],
  fresh: Float32Array,
): Float32Array {
  const { latent, noise } = weights;
  const count = weights.outputs.length;
  if (latent === 0 || weights.outputs.includes(0)) {
    return multistepSum([
      [latent, start],
      [1, multistepSum(weights.outputs.map((weight, i) => [weight, outputs[i]!]))],
      [noise, fresh],
    ]);
  }
  const arrays = { start, ...counted('x', outputs.slice(0, count)) };
  const numbers = { latent, ...counted('a', weights.outputs) };
  if (noise === 0) return sumOf(count)(arrays, numbers).end;
  return noisySumOf(count)({ ...arrays, fresh }, { ...numbers, noise }).end;
}

function sumKernel(estimates: number, part: 'deterministic' | 'stochastic') {
  const [outputs, weights] = [countedNames('x', estimates), countedNames('a', estimates)];
  const [fresh, noise] = part === 'stochastic' ? [['fresh'], ['noise']] : [[], []];
  const reads = { arrays: ['start', ...fresh, ...outputs], numbers: ['latent', ...noise, ...weights] };
  return elementKernel(reads, (parts) => {
    const product = (weight: string, values: string) => times(parts[weight]!, parts[values]!);
    const mixture = sumOfProducts(
      float32,
      outputs.map((name, i) => [parts[weights[i]!]!, parts[name]!]),
    );
    const end = plus(plus(constant(0), product('latent', 'start')), mixture);
    return { end: part === 'stochastic' ? plus(end, product('noise', 'fresh')) : end };
  });
}
