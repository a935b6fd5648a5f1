/**
 * The frozen half of a picture adapter: from pixels to the latent that a model denoises, and back. Pixels themselves
 * and the latents of an autoencoder are the two implementations.
 */
import type { Latent, RawImage } from '@transfuse/core/contracts';
import type { ImageSize } from './image-sizes.ts';

/** The shape of a picture's latent. */
export type PictureLatentShape = readonly [rows: number, columns: number, channels: number];

/** Between pictures and their latents. */
export interface PictureCodec {
  /** Pixels per position of the latent, along each side. */
  readonly downscale: number;
  /** The shape of the latent of pictures of this size. Throws `image.unsupported-size` where the sides do not divide. */
  latentShape(size: ImageSize): PictureLatentShape;
  /** A picture of a size that {@link PictureCodec.latentShape} takes, as its latent. */
  encode(picture: RawImage, options?: { readonly signal?: AbortSignal }): Promise<Latent>;
  /** Of any size; colours out of range are clamped. */
  decode(latent: Latent): Promise<RawImage>;
  /** Files that a checkpoint keeps, so that another codec is noticed; none where nothing can differ. */
  assets?(): Readonly<Record<string, Uint8Array>>;
  /** Releases what the codec holds. Twice is fine. */
  dispose(): Promise<void>;
}
