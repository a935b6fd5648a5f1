import type { DenoisingEstimate } from '@transfuse/core/contracts';

// Arithmetic on latents along a straight path, y = (1 - share) * clean + share * noise, whose velocity over the share is
// noise - clean. A latent of any path lies on it after division by alpha + sigma.

/** `keep * latent + change * (noise - clean)`, a new array. */
export function moved(
  latent: Float32Array,
  { clean, noise }: DenoisingEstimate,
  weights: { readonly keep: number; readonly change: number },
): Float32Array {
  const { keep, change } = weights;
  const next = new Float32Array(latent.length);
  for (let i = 0; i < next.length; i += 1) next[i] = keep * latent[i]! + change * (noise[i]! - clean[i]!);
  return next;
}

/** A latent at a level, `alpha * clean + sigma * noise`, a new array. */
export function mixed(
  level: { readonly alpha: number; readonly sigma: number },
  clean: Float32Array,
  noise: Float32Array,
): Float32Array {
  const { alpha, sigma } = level;
  const next = new Float32Array(clean.length);
  for (let i = 0; i < next.length; i += 1) next[i] = alpha * clean[i]! + sigma * noise[i]!;
  return next;
}
