/**
 * Networks whose best answer is known in closed form: data are numbers from N(mean, deviation²). Noisy data at a level
 * are N(alpha mean, v) with v = alpha² deviation² + sigma². The best denoiser says mean + alpha deviation² / v (x - alpha
 * mean); a distilled network (a consistency function, Song et al. 2023) says where the probability-flow ODE ends, mean +
 * deviation (x - alpha mean) / sqrt(v). With deviation 0 all data are one point, and both say that point.
 */
import type { NoiseLevel } from '../contracts/noise-schedule.ts';
import type { DenoisingEstimate } from '../contracts/sampler.ts';

/** What a network says of a latent at a level. */
export type ExactNetwork = (latent: Float32Array, level: NoiseLevel) => DenoisingEstimate;

/** The data. */
export interface GaussianData {
  readonly mean: number;
  readonly deviation: number;
}

/** The network that a sampler is made for. */
export type NetworkKind = 'denoiser' | 'consistency';

/** The exact network for the data. */
export function exactNetwork({ mean, deviation }: GaussianData, kind: NetworkKind = 'denoiser'): ExactNetwork {
  return (latent, { alpha, sigma }) => {
    const variance = (alpha * deviation) ** 2 + sigma ** 2;
    const gain = kind === 'denoiser' ? (alpha * deviation ** 2) / variance : deviation / Math.sqrt(variance);
    const clean = new Float32Array(latent.length);
    const noise = new Float32Array(latent.length);
    for (let i = 0; i < latent.length; i++) {
      const offset = latent[i]! - alpha * mean;
      const centred = variance > 0 ? gain * offset : 0;
      clean[i] = mean + centred;
      noise[i] = sigma > 0 ? (offset - alpha * centred) / sigma : 0;
    }
    return { clean, noise };
  };
}

/** A network with an opinion of its own, neither linear nor exact: any would do where only repeatability is checked. */
export const smoothNetwork: ExactNetwork = (latent, { alpha, sigma }) => {
  const clean = latent.map((x) => Math.tanh(0.7 * x + 0.1));
  return { clean, noise: latent.map((x, i) => (x - alpha * clean[i]!) / Math.max(sigma, 1e-3)) };
};
