/**
 * Mean and standard deviation of an autoencoder's latents over many pictures, all numbers taken together: what its
 * latents are scaled by, so that a diffusion model sees about unit variance (Rombach et al. 2022, appendix D.1).
 */
import type { LatentScaling } from './latent-scaling.ts';

/** Takes latents one by one. */
export interface LatentStatistics {
  /** Counts a latent's numbers in. */
  add(latent: Float32Array): void;
  /** The scaling that leads what was added to mean 0 and deviation 1; none for latents that are all alike. */
  scaling(): Omit<LatentScaling, 'channels'>;
}

/** Begins with nothing. */
export function createLatentStatistics(): LatentStatistics {
  let count = 0;
  let mean = 0;
  let squares = 0; // of distances from the mean so far (Welford 1962): sums of plain squares would cancel
  return {
    add(latent) {
      for (const value of latent) {
        count++;
        const before = value - mean;
        mean += before / count;
        squares += before * (value - mean);
      }
    },
    scaling() {
      const deviation = Math.sqrt(squares / count);
      return deviation > 0 ? { scale: 1 / deviation, shift: mean } : { scale: 1, shift: 0 };
    },
  };
}
