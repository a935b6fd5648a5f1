/**
 * Autoencoders of pictures: AutoencoderKL and AutoencoderTiny from diffusers' folders, as the frozen codec of an image
 * adapter, and as pure functions that can be trained.
 */
export type { ActivationName } from './activation.ts';
export type { ConfigReadingOptions } from './autoencoder-fields.ts';
export { decodeKl, encodeKl } from './autoencoder-kl.ts';
export { type AutoencoderKlConfig, readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
export { type AutoencoderConfig, autoEncoderParameters } from './autoencoder-parameters.ts';
export { decodeTiny, encodeTiny, latentsFromUnit, latentsToUnit } from './autoencoder-tiny.ts';
export { type AutoencoderTinyConfig, readAutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
export { codecFiles } from './codec-files.ts';
export { checkCodecAssets, codecAssets } from './codec-fingerprint.ts';
export { type CodecFolder, readCodecFolder, type StoredCodec } from './codec-folder.ts';
export {
  createImageCodec,
  downscaleOf,
  type EncodeOptions,
  type ImageCodec,
  openImageCodec,
  type OpenImageCodecOptions,
} from './image-codec.ts';
export { fromModelLatents, type LatentScaling, toModelLatents } from './latent-scaling.ts';
export { createLatentStatistics, type LatentStatistics } from './latent-statistics.ts';
export {
  discriminatePatches,
  type PatchDiscriminatorConfig,
  patchDiscriminatorParameters,
} from './patch-discriminator.ts';
export { perceptualDistance, perceptualParameters } from './perceptual-distance.ts';
export { type PerceptualNetwork, readPerceptualNetwork } from './perceptual-folder.ts';
export { divergenceFromNormal, type Posterior, posterior, samplePosterior } from './posterior.ts';
export type { Tiling } from './tile-grid.ts';
export { type VaeBatch, type VaeLoss, vaeLoss, type VaeLossWeights } from './vae-loss.ts';
export {
  type AdversarialOptions,
  createVaeTrainer,
  type VaeStepReport,
  type VaeTrainer,
  type VaeTrainerOptions,
} from './vae-trainer.ts';
export { weightsFromFile, weightsToFile } from './weight-layout.ts';
