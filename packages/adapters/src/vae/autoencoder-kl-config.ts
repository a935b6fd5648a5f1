/**
 * The configuration of an AutoencoderKL, the autoencoder of latent diffusion (Rombach et al. 2022), as diffusers 0.42
 * writes it into `config.json`: the whole shape of the network, and how its latents are scaled. Stable Diffusion 1, 2,
 * XL and 3 and FLUX.1 differ by such a file alone.
 */
import { type ActivationName, activationNames } from './activation.ts';
import { autoencoderFields, type AutoencoderFields, type ConfigReadingOptions } from './autoencoder-fields.ts';
import type { LatentScaling } from './latent-scaling.ts';

/** The shape of an AutoencoderKL. */
export interface AutoencoderKlConfig {
  readonly architecture: 'kl';
  readonly inChannels: number;
  readonly outChannels: number;
  /** Channels at every resolution, the finest first; each one after it has half the height and width. */
  readonly blockChannels: readonly number[];
  /** Residual blocks per resolution of the encoder; the decoder has one more. */
  readonly layersPerBlock: number;
  /** Inside residual blocks; before the last convolutions it is always SiLU. */
  readonly activation: ActivationName;
  readonly latentChannels: number;
  /** Groups of every group normalization. */
  readonly normGroups: number;
  /** Side of the pictures it was trained on, in pixels. */
  readonly sampleSize: number;
  readonly scaling: LatentScaling;
  /** Whether a 1x1 convolution follows the encoder. */
  readonly quantConvolution: boolean;
  /** Whether a 1x1 convolution precedes the decoder. */
  readonly postQuantConvolution: boolean;
  /** Whether the middle, at the coarsest resolution, attends over all positions. */
  readonly middleAttention: boolean;
}

/**
 * Reads a parsed `config.json`. Absent fields take diffusers' defaults; fields that begin with an underscore are
 * ignored, and `force_upcast` has no effect, because everything is computed in 32 bits anyway.
 *
 * @param json the parsed file
 * @throws `config.invalid` (or what `options.code` says) for unknown or unsupported fields and impossible values, named
 * @example
 * ```ts
 * import { readAutoencoderKlConfig } from '@transfuse/adapters/vae';
 * const config = readAutoencoderKlConfig({ block_out_channels: [64], latent_channels: 8 });
 * console.assert(config.latentChannels === 8 && config.scaling.scale === 0.18215);
 * ```
 */
export function readAutoencoderKlConfig(json: unknown, options: ConfigReadingOptions = {}): AutoencoderKlConfig {
  const fields = autoencoderFields(json, options);
  const blockChannels = fields.counts('block_out_channels', [64]);
  const levels = blockChannels.length;
  for (const [name, kind] of [
    ['down_block_types', 'DownEncoderBlock2D'],
    ['up_block_types', 'UpDecoderBlock2D'],
  ] as const) {
    if (fields.only(name, kind, 1).length !== levels) {
      throw fields.failure(name, `${levels}, as many as block_out_channels has`);
    }
  }
  const normGroups = fields.count('norm_num_groups', 32);
  if (blockChannels.some((channels) => channels % normGroups !== 0)) {
    throw fields.failure('block_out_channels', `multiples of norm_num_groups, which is ${normGroups}`);
  }
  const latentChannels = fields.count('latent_channels', 4);
  const config: AutoencoderKlConfig = {
    architecture: 'kl',
    inChannels: fields.count('in_channels', 3),
    outChannels: fields.count('out_channels', 3),
    blockChannels,
    layersPerBlock: fields.count('layers_per_block', 1),
    activation: fields.choice('act_fn', activationNames, 'silu'),
    latentChannels,
    normGroups,
    sampleSize: fields.side('sample_size', 32),
    scaling: readScaling(fields, latentChannels),
    quantConvolution: fields.flag('use_quant_conv', true),
    postQuantConvolution: fields.flag('use_post_quant_conv', true),
    middleAttention: fields.flag('mid_block_add_attention', true),
  };
  fields.ignore('force_upcast');
  fields.end();
  return config;
}

function readScaling(fields: AutoencoderFields, latentChannels: number): LatentScaling {
  const scale = fields.number('scaling_factor', 0.18215);
  if (scale === 0) throw fields.failure('scaling_factor', 'a number other than 0');
  const shift = fields.optionalNumber('shift_factor') ?? 0;
  const mean = fields.optionalNumbers('latents_mean');
  const deviation = fields.optionalNumbers('latents_std');
  if (mean === undefined && deviation === undefined) return { scale, shift };
  const perChannel = `${latentChannels} numbers, one per latent channel`;
  if (mean?.length !== latentChannels) throw fields.failure('latents_mean', perChannel);
  if (deviation?.length !== latentChannels || deviation.some((value) => value <= 0)) {
    throw fields.failure('latents_std', `${perChannel}, above 0`);
  }
  if (shift !== 0) throw fields.failure('shift_factor', 'null or 0 beside latents_mean, which has the same purpose');
  return { scale, shift, channels: { mean, deviation } };
}
