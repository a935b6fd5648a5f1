/**
 * The configuration of an AutoencoderTiny, the small distilled autoencoders (TAESD, TAESDXL, TAESD3, TAEF1) that stand
 * in for the large ones of Stable Diffusion and FLUX.1, as diffusers 0.42 writes it into `config.json`.
 */
import { type ActivationName, activationNames } from './activation.ts';
import { autoencoderFields, type ConfigReadingOptions } from './autoencoder-fields.ts';
import type { LatentScaling } from './latent-scaling.ts';

/** The shape of an AutoencoderTiny. */
export interface AutoencoderTinyConfig {
  readonly architecture: 'tiny';
  readonly inChannels: number;
  readonly outChannels: number;
  /** Channels inside the encoder, the same at every resolution. */
  readonly encoderChannels: number;
  /** Channels inside the decoder, the same at every resolution. */
  readonly decoderChannels: number;
  /** Residual blocks at every resolution of the encoder, the finest first. */
  readonly encoderBlocks: readonly number[];
  /** Residual blocks at every resolution of the decoder, the coarsest first. */
  readonly decoderBlocks: readonly number[];
  /** Inside residual blocks and after the decoder's first convolution; a block ends with ReLU whatever this is. */
  readonly activation: ActivationName;
  readonly latentChannels: number;
  readonly scaling: LatentScaling;
  /** Latents are about within plus and minus this; see `latentsToUnit`. */
  readonly latentMagnitude: number;
  /** Where 0 lies among latents that were brought to [0, 1]. */
  readonly latentShift: number;
}

/**
 * Reads a parsed `config.json`. Absent fields take diffusers' defaults; fields that begin with an underscore are
 * ignored, and `force_upcast` and `block_out_channels` (a copy of the decoder's) have no effect.
 *
 * @param json the parsed file
 * @throws `config.invalid` (or what `options.code` says) for unknown or unsupported fields and impossible values, named
 */
export function readAutoencoderTinyConfig(json: unknown, options: ConfigReadingOptions = {}): AutoencoderTinyConfig {
  const fields = autoencoderFields(json, options);
  const part = (side: 'encoder' | 'decoder', defaultBlocks: readonly number[]) => {
    const channels = fields.counts(`${side}_block_out_channels`, [64, 64, 64, 64]);
    const blocks = fields.counts(`num_${side}_blocks`, defaultBlocks);
    if (channels.some((count) => count !== channels[0])) {
      throw fields.failure(`${side}_block_out_channels`, 'one number of channels for every resolution');
    }
    if (channels.length !== blocks.length) {
      throw fields.failure(
        `num_${side}_blocks`,
        `${channels.length} numbers, as many as ${side}_block_out_channels has`,
      );
    }
    return { channels: channels[0]!, blocks };
  };
  const encoder = part('encoder', [1, 3, 3, 3]);
  const decoder = part('decoder', [3, 3, 3, 1]);
  if (encoder.blocks.length !== decoder.blocks.length) {
    throw fields.failure('num_decoder_blocks', `${encoder.blocks.length} numbers, as many as num_encoder_blocks has`);
  }
  if (fields.count('upsampling_scaling_factor', 2) !== 2) {
    throw fields.failure('upsampling_scaling_factor', '2, by which the encoder halves');
  }
  fields.choice('upsample_fn', ['nearest'], 'nearest');
  const scale = fields.number('scaling_factor', 1);
  if (scale === 0) throw fields.failure('scaling_factor', 'a number other than 0');
  const config: AutoencoderTinyConfig = {
    architecture: 'tiny',
    inChannels: fields.count('in_channels', 3),
    outChannels: fields.count('out_channels', 3),
    encoderChannels: encoder.channels,
    decoderChannels: decoder.channels,
    encoderBlocks: encoder.blocks,
    decoderBlocks: decoder.blocks,
    activation: fields.choice('act_fn', activationNames, 'relu'),
    latentChannels: fields.count('latent_channels', 4),
    scaling: { scale, shift: fields.optionalNumber('shift_factor') ?? 0 },
    latentMagnitude: fields.number('latent_magnitude', 3),
    latentShift: fields.number('latent_shift', 0.5),
  };
  fields.ignore('force_upcast');
  fields.ignore('block_out_channels');
  fields.end();
  return config;
}
