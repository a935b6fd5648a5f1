import { constant, type Formula, float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';
import { counted, countedNames, kernelFamily } from '../kernel-family.ts';
import type { UniPcWeights } from './unipc-weights.ts';

// One step of UniPC on arrays: the exact step of first order, and the mixture of differences between estimates. Rounded to
// float32 as diffusers rounds, for near pure noise the parts are large and nearly cancel.

const { plus, minus, times, over } = float32;

/** `x0` is the estimate at the step's beginning, `x1` and on are those before it, `r1` and on their ratios. */
const predicted = kernelFamily((earlier: number) => sumKernel(earlier, 'predictor'));
const corrected = kernelFamily((earlier: number) => sumKernel(earlier, 'corrector'));

/**
 * The latent at the end of a step, a new array. `outputs` are the estimates at its beginning and before, the latest
 * first; `reached` is the estimate at its end, for a corrector.
 */
export function uniPcSum(
  weights: UniPcWeights,
  start: Float32Array,
  outputs: readonly Float32Array[],
  reached?: Float32Array,
): Float32Array {
  const { latent, base, scale, ratios, rhos } = weights;
  const used = outputs.slice(0, ratios.length + 1);
  const arrays = { start, ...counted('x', used) };
  const numbers = { latent, base, scale, ...counted('ratio', ratios), ...counted('rho', rhos) };
  if (reached === undefined) return predicted(ratios.length)(arrays, numbers).end;
  return corrected(ratios.length)({ ...arrays, reached }, numbers).end;
}

function sumKernel(earlier: number, part: 'predictor' | 'corrector') {
  const reached = part === 'corrector' ? ['reached'] : [];
  const arrays = ['start', ...countedNames('x', earlier + 1), ...reached];
  const rhos = countedNames('rho', earlier + reached.length);
  const numbers = ['latent', 'base', 'scale', ...countedNames('ratio', earlier), ...rhos];
  return elementKernel({ arrays, numbers }, (parts) => {
    const read = (name: string): Formula => parts[name]!;
    const first = read('x0');
    let mixture: Formula = constant(0);
    for (let k = 0; k < earlier; k += 1) {
      const difference = over(minus(read(`x${k + 1}`), first), read(`ratio${k}`));
      mixture = plus(mixture, times(read(`rho${k}`), difference));
    }
    for (const name of reached) mixture = plus(mixture, times(read(`rho${earlier}`), minus(read(name), first)));
    const exact = minus(times(read('latent'), read('start')), times(read('base'), first));
    return { end: minus(exact, times(read('scale'), mixture)) };
  });
}
