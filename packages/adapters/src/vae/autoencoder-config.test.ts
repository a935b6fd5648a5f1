import { describe, expect, it } from 'vitest';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { readAutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';

// The facts of well known models; the counts of their parameters are diffusers' own.

const large = {
  _class_name: 'AutoencoderKL',
  _diffusers_version: '0.31.0',
  act_fn: 'silu',
  block_out_channels: [128, 256, 512, 512],
  down_block_types: Array(4).fill('DownEncoderBlock2D'),
  in_channels: 3,
  layers_per_block: 2,
  norm_num_groups: 32,
  out_channels: 3,
  up_block_types: Array(4).fill('UpDecoderBlock2D'),
};

const known = {
  'Stable Diffusion 1': [
    { ...large, latent_channels: 4, sample_size: 512 },
    4,
    { scale: 0.18215, shift: 0 },
    83_653_863,
  ],
  'Stable Diffusion XL': [
    { ...large, latent_channels: 4, sample_size: 1024, scaling_factor: 0.13025, force_upcast: true },
    4,
    { scale: 0.13025, shift: 0 },
    83_653_863,
  ],
  'Stable Diffusion 3': [
    {
      ...large,
      latent_channels: 16,
      latents_mean: null,
      latents_std: null,
      sample_size: 1024,
      scaling_factor: 1.5305,
      shift_factor: 0.0609,
      use_post_quant_conv: false,
      use_quant_conv: false,
    },
    16,
    { scale: 1.5305, shift: 0.0609 },
    83_819_683,
  ],
  'FLUX.1': [
    {
      ...large,
      force_upcast: true,
      latent_channels: 16,
      mid_block_add_attention: true,
      sample_size: [1024, 1024],
      scaling_factor: 0.3611,
      shift_factor: 0.1159,
      use_post_quant_conv: false,
      use_quant_conv: false,
    },
    16,
    { scale: 0.3611, shift: 0.1159 },
    83_819_683,
  ],
} as const;

const taesd = {
  _class_name: 'AutoencoderTiny',
  act_fn: 'relu',
  block_out_channels: [64, 64, 64, 64],
  decoder_block_out_channels: [64, 64, 64, 64],
  encoder_block_out_channels: [64, 64, 64, 64],
  force_upcast: false,
  in_channels: 3,
  latent_channels: 4,
  latent_magnitude: 3,
  latent_shift: 0.5,
  num_decoder_blocks: [3, 3, 3, 1],
  num_encoder_blocks: [1, 3, 3, 3],
  out_channels: 3,
  scaling_factor: 1,
  upsampling_scaling_factor: 2,
};

const count = (config: Parameters<typeof autoEncoderParameters>[0]) =>
  Object.values(autoEncoderParameters(config)).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe('configurations of autoencoders', () => {
  it.each(Object.entries(known))('reads that of %s, with as many parameters', (_, [json, channels, scaling, size]) => {
    const config = readAutoencoderKlConfig(json);
    expect(config).toMatchObject({ latentChannels: channels, scaling, blockChannels: large.block_out_channels });
    expect(config.sampleSize).toBeGreaterThanOrEqual(512);
    expect(count(config)).toBe(size);
  });

  it('reads those of TAESD, and of TAESD3 and TAEF1 with their 16 channels', () => {
    const small = readAutoencoderTinyConfig(taesd);
    expect(small).toMatchObject({ latentChannels: 4, encoderChannels: 64, decoderBlocks: [3, 3, 3, 1] });
    const wide = readAutoencoderTinyConfig({ ...taesd, latent_channels: 16, shift_factor: 0, upsample_fn: 'nearest' });
    expect([count(small), count(wide)]).toEqual([2_445_063, 2_458_899]);
  });

  it('fills in what diffusers fills in', () => {
    expect(readAutoencoderKlConfig({})).toMatchObject({
      blockChannels: [64],
      layersPerBlock: 1,
      activation: 'silu',
      latentChannels: 4,
      normGroups: 32,
      sampleSize: 32,
      scaling: { scale: 0.18215, shift: 0 },
      quantConvolution: true,
      postQuantConvolution: true,
      middleAttention: true,
    });
    expect(readAutoencoderTinyConfig({})).toEqual(readAutoencoderTinyConfig(taesd));
  });

  it.each([
    ['down_block_types', { down_block_types: ['AttnDownEncoderBlock2D'] }],
    ['up_block_types', { up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'] }],
    ['block_out_channels', { block_out_channels: [60] }],
    ['block_out_channels', { block_out_channels: [] }],
    ['act_fn', { act_fn: 'tanh' }],
    ['latent_channels', { latent_channels: 0 }],
    ['latent_channels', { latent_channels: '4' }],
    ['sample_size', { sample_size: [512] }],
    ['scaling_factor', { scaling_factor: 0 }],
    ['scaling_factor', { scaling_factor: null }],
    ['shift_factor', { shift_factor: 1, latents_mean: [0, 0, 0, 0], latents_std: [1, 1, 1, 1] }],
    ['latents_mean', { latents_std: [1, 1, 1, 1] }],
    ['latents_mean', { latents_mean: [0, 0], latents_std: [1, 1] }],
    ['latents_std', { latents_mean: [0, 0, 0, 0], latents_std: [1, 1, 0, 1] }],
    ['use_quant_conv', { use_quant_conv: 1 }],
    ['dropout', { dropout: 0.1 }],
  ])('refuses an AutoencoderKL with a wrong %s, by name: %j', (field, json) => {
    expect(() => readAutoencoderKlConfig(json, { place: 'here' })).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: `here, field ${field}` }),
    );
  });

  it.each([
    ['encoder_block_out_channels', { encoder_block_out_channels: [64, 32, 64, 64] }],
    ['num_decoder_blocks', { num_decoder_blocks: [1, 1] }],
    ['num_decoder_blocks', { num_decoder_blocks: [1, 1], decoder_block_out_channels: [8, 8] }],
    ['upsampling_scaling_factor', { upsampling_scaling_factor: 4 }],
    ['upsample_fn', { upsample_fn: 'bilinear' }],
    ['scaling_factor', { scaling_factor: 0 }],
    ['sample_size', { sample_size: 512 }],
  ])('refuses an AutoencoderTiny with a wrong %s, by name: %j', (field, json) => {
    expect(() => readAutoencoderTinyConfig(json, { code: 'checkpoint.invalid' })).toThrow(
      expect.objectContaining({ code: 'checkpoint.invalid', place: `autoencoder, field ${field}` }),
    );
  });

  it.each([null, 7, [], 'text'])('refuses %j, which is no object', (json) => {
    expect(() => readAutoencoderKlConfig(json)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
