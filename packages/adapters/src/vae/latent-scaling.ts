/**
 * The affine map between an autoencoder's own latents and those a diffusion model works on, which have about unit
 * variance: `(z - shift) * scale`, per channel where the configuration knows each channel's mean and deviation. Latent
 * diffusion (Rombach et al. 2022, appendix D.1) has the factor alone; SD3 and FLUX.1 add the shift.
 */

/** How latents are scaled; see {@link toModelLatents}. */
export interface LatentScaling {
  /** The factor; 0.18215 for Stable Diffusion 1. */
  readonly scale: number;
  /** What is taken away before; 0 where there is no `shift_factor`. */
  readonly shift: number;
  /** Mean and standard deviation of every channel, instead of the one shift, where they are known. */
  readonly channels?: { readonly mean: readonly number[]; readonly deviation: readonly number[] };
}

/** From the encoder's latents to a diffusion model's. @param latents `[..., C]` @returns a new array */
export function toModelLatents(scaling: LatentScaling, latents: Float32Array): Float32Array {
  return latents.map((value, index) => {
    const [mean, factor] = affine(scaling, index);
    return (value - mean) * factor;
  });
}

/** From a diffusion model's latents to the decoder's; the inverse of {@link toModelLatents}. @param latents `[..., C]` */
export function fromModelLatents(scaling: LatentScaling, latents: Float32Array): Float32Array {
  return latents.map((value, index) => {
    const [mean, factor] = affine(scaling, index);
    return value / factor + mean;
  });
}

function affine({ scale, shift, channels }: LatentScaling, index: number): readonly [mean: number, factor: number] {
  if (channels === undefined) return [shift, scale];
  const channel = index % channels.mean.length;
  return [channels.mean[channel]!, scale / channels.deviation[channel]!];
}
