export { image, type ImageSource, linearPatchImage, type LinearPatchImageConfig } from './image-plugin.ts';
export { createLinearPatch, type LinearPatch, type LinearPatchConfig } from './linear-patch.ts';
export { type ImageSize, RasterImage, type ReadImageOptions } from './raster-image.ts';
