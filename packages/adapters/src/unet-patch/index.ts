export { createUnetPatch, type UnetPatch, type UnetPatchConfig } from './unet-patch.ts';
export {
  latentUnetPatchImage,
  type LatentUnetPatchImageConfig,
  unetPatchImage,
  type UnetPatchImageConfig,
} from './unet-patch-image.ts';
export { unetPatch, unetPatchContribution } from './unet-patch-plugin.ts';
export {
  type LatentProportion,
  type SkipPolicy,
  type UnetPreset,
  unetPresets,
  type UnetShapeSettings,
} from './unet-shape.ts';
