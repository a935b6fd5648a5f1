export { image } from './image-plugin.ts';
export type { LatentCodecConfig } from './latent-codec.ts';
export { createLinearPatch, type LinearPatch, type LinearPatchConfig } from './linear-patch.ts';
export {
  type ImageSource,
  latentPatchImage,
  type LatentPatchImageConfig,
  linearPatchImage,
  type LinearPatchImageConfig,
} from './patch-image.ts';
export { decodePixels, encodePixels } from './pixel-codec.ts';
export { type ImageSize, RasterImage, type ReadImageOptions } from './raster-image.ts';
