export { image } from './image-plugin.ts';
export type { ReadImageOptions } from './image-decoding.ts';
export type { AnimateOptions } from './image-encoding.ts';
export type { FitOptions, ImageFit, ImagePosition } from './image-fit.ts';
export type { ImageSize, ImageSizes } from './image-sizes.ts';
export { type LatentCodecConfig, openLatentCodec } from './latent-codec.ts';
export { createGridPatch, type GridPatch, type GridPatchConfig } from '../patch/grid-patch.ts';
export {
  latentPatchImage,
  type LatentPatchImageConfig,
  linearPatchImage,
  type LinearPatchImageConfig,
} from './patch-image.ts';
export { createPictureAdapter, type ImageSource, type PictureSettings, type TrainableHalf } from './picture-adapter.ts';
export type { PictureCodec, PictureLatentShape } from './picture-codec.ts';
export { createPixelCodec, decodePixels, encodePixels } from './pixel-codec.ts';
export { RasterImage } from './raster-image.ts';
