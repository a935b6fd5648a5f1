import { multistepSum } from '../multistep-sum.ts';
import type { SaWeights } from './sa-weights.ts';

// One step of SA-Solver on arrays: the latent it begins with, the sum of the estimates, and its noise, in that order and
// rounded to float32 as diffusers rounds. Two estimates, the usual, are one loop, with noise or without.

const f = Math.fround;

/** The latent at the end of a step, a new array. `outputs` belong to the weights, and may be more. */
export function saSum(
  weights: SaWeights,
  start: Float32Array,
  outputs: readonly Float32Array[],
  fresh: Float32Array,
): Float32Array {
  const [first, second] = outputs;
  if (second !== undefined && weights.outputs.length === 2 && !weights.outputs.includes(0) && weights.latent !== 0) {
    return sumOfTwo(weights, start, [first!, second], fresh);
  }
  return multistepSum([
    [weights.latent, start],
    [1, multistepSum(weights.outputs.map((weight, i) => [weight, outputs[i]!]))],
    [weights.noise, fresh],
  ]);
}

function sumOfTwo(
  weights: SaWeights,
  start: Float32Array,
  [first, second]: readonly [Float32Array, Float32Array],
  fresh: Float32Array,
): Float32Array {
  const [keep, a, b, deviation] = [weights.latent, weights.outputs[0]!, weights.outputs[1]!, weights.noise];
  const end = new Float32Array(start.length);
  if (deviation === 0) {
    for (let i = 0; i < end.length; i += 1) {
      end[i] = 0 + f(keep * start[i]!) + f(0 + f(a * first[i]!) + f(b * second[i]!));
    }
    return end;
  }
  for (let i = 0; i < end.length; i += 1) {
    const mixture = f(0 + f(a * first[i]!) + f(b * second[i]!));
    end[i] = f(0 + f(keep * start[i]!) + mixture) + f(deviation * fresh[i]!);
  }
  return end;
}
