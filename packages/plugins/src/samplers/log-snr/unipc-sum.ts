import type { UniPcWeights } from './unipc-weights.ts';

// One step of UniPC on arrays: the exact step of first order, and the mixture of differences between estimates. Rounded to
// float32 as diffusers rounds, for near pure noise the parts are large and nearly cancel. Steps with one earlier estimate,
// those of order 2, are one loop; the mixture of other orders is summed up difference by difference.

const f = Math.fround;

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
  if (weights.ratios.length !== 1) return mixedSum(weights, start, outputs, reached);
  const [first, before] = outputs as readonly [Float32Array, Float32Array];
  return reached === undefined
    ? predicted(weights, start, first, before)
    : corrected(weights, start, first, before, reached);
}

function predicted(
  { latent, base, scale, ratios, rhos }: UniPcWeights,
  start: Float32Array,
  first: Float32Array,
  before: Float32Array,
): Float32Array {
  const [ratio, rho] = [ratios[0]!, rhos[0]!];
  const end = new Float32Array(start.length);
  for (let i = 0; i < end.length; i += 1) {
    const m = first[i]!;
    const mixture = 0 + f(rho * f(f(before[i]! - m) / ratio));
    end[i] = f(f(latent * start[i]!) - f(base * m)) - f(scale * mixture);
  }
  return end;
}

function corrected(
  { latent, base, scale, ratios, rhos }: UniPcWeights,
  start: Float32Array,
  first: Float32Array,
  before: Float32Array,
  reached: Float32Array,
): Float32Array {
  const [ratio, rho, last] = [ratios[0]!, rhos[0]!, rhos[1]!];
  const end = new Float32Array(start.length);
  for (let i = 0; i < end.length; i += 1) {
    const m = first[i]!;
    const mixture = f(0 + f(rho * f(f(before[i]! - m) / ratio)) + f(last * f(reached[i]! - m)));
    end[i] = f(f(latent * start[i]!) - f(base * m)) - f(scale * mixture);
  }
  return end;
}

function mixedSum(
  { latent, base, scale, ratios, rhos }: UniPcWeights,
  start: Float32Array,
  outputs: readonly Float32Array[],
  reached: Float32Array | undefined,
): Float32Array {
  const [first, ...others] = outputs as readonly [Float32Array, ...Float32Array[]];
  const mixture = new Float32Array(start.length);
  for (const [k, ratio] of ratios.entries()) addDifference(mixture, others[k]!, first, { rho: rhos[k]!, ratio });
  if (reached !== undefined) addDifference(mixture, reached, first, { rho: rhos[ratios.length]!, ratio: 1 });
  for (let i = 0; i < mixture.length; i += 1) {
    mixture[i] = f(f(latent * start[i]!) - f(base * first[i]!)) - f(scale * mixture[i]!);
  }
  return mixture;
}

function addDifference(
  mixture: Float32Array,
  output: Float32Array,
  first: Float32Array,
  { rho, ratio }: { readonly rho: number; readonly ratio: number },
): void {
  for (let i = 0; i < mixture.length; i += 1) {
    mixture[i] = mixture[i]! + f(rho * f(f(output[i]! - first[i]!) / ratio));
  }
}
