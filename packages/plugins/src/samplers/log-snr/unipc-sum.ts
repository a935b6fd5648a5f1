import type { UniPcWeights } from './unipc-weights.ts';

// One step of UniPC on arrays: the exact step of first order, and the mixture of differences between estimates. Rounded to
// float32 as diffusers rounds, for near pure noise the parts are large and nearly cancel.

const f = Math.fround;

/**
 * The latent at the end of a step. `outputs` are the estimates at its beginning and before, the latest first; `reached`
 * is the estimate at its end, for a corrector.
 */
export function uniPcSum(
  { latent, base, scale, ratios, rhos }: UniPcWeights,
  start: Float32Array,
  outputs: readonly Float32Array[],
  reached?: Float32Array,
): Float32Array {
  const [first, ...others] = outputs as readonly [Float32Array, ...Float32Array[]];
  const mixture = new Float32Array(start.length);
  ratios.forEach((ratio, k) => {
    const [output, rho] = [others[k] as Float32Array, rhos[k] as number];
    for (let i = 0; i < mixture.length; i += 1) mixture[i]! += f(rho * f(f(output[i]! - first[i]!) / ratio));
  });
  if (reached !== undefined) {
    const rho = rhos[ratios.length] as number;
    for (let i = 0; i < mixture.length; i += 1) mixture[i]! += f(rho * f(reached[i]! - first[i]!));
  }
  const end = new Float32Array(start.length);
  for (let i = 0; i < end.length; i += 1) {
    end[i] = f(f(latent * start[i]!) - f(base * first[i]!)) - f(scale * mixture[i]!);
  }
  return end;
}
