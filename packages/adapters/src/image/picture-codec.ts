/**
 * The frozen half of a picture adapter: from pixels to the latent that a model denoises, and back. Pixels themselves
 * and the latents of an autoencoder are the two implementations.
 */
import type { Latent, RawImage } from '@transfuse/core/contracts';

/** Between pictures of one size and their latents. */
export interface PictureCodec {
  /** The latent of a picture: `[rows, columns, channels]`. */
  readonly latentShape: readonly [rows: number, columns: number, channels: number];
  /** @param picture of the codec's size */
  encode(picture: RawImage, options?: { readonly signal?: AbortSignal }): Promise<Latent>;
  /** Of any size; colours out of range are clamped. */
  decode(latent: Latent): Promise<RawImage>;
  /** Releases what the codec holds. Twice is fine. */
  dispose(): Promise<void>;
}
