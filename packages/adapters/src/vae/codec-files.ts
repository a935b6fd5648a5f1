/**
 * An AutoencoderKL as the files of a folder: `config.json` with the fields of diffusers and the weights under its names
 * and in its layouts, so that `openImageCodec` reads them, and so does diffusers.
 */
import type { HostTensor } from '@transfuse/core/contracts';
import { writeSafetensors } from '@transfuse/core/params';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { weightsToFile } from './weight-layout.ts';

/**
 * The files by name, to be written into one folder.
 *
 * @param weights by the names and shapes of `autoEncoderParameters`
 * @example
 * ```ts
 * import { autoEncoderParameters, codecFiles, openImageCodec, readAutoencoderKlConfig } from '@transfuse/adapters/vae';
 * import { createRandom } from '@transfuse/core';
 * import { createCompiledEngine } from '@transfuse/core/engine';
 * import { initializeParameters } from '@transfuse/core/params';
 * import { writeFolderAtomically } from '@transfuse/core/training';
 * const config = readAutoencoderKlConfig({ block_out_channels: [8], norm_num_groups: 4 });
 * const weights = initializeParameters(autoEncoderParameters(config), createRandom(1));
 * await writeFolderAtomically('codec', codecFiles({ config, weights }));
 * const engine = createCompiledEngine();
 * const codec = await openImageCodec('codec', engine);
 * console.assert(codec.downscale === 1 && codec.latentChannels === 4);
 * await codec.dispose();
 * await engine.dispose();
 * ```
 */
export function codecFiles({
  config,
  weights,
}: {
  readonly config: AutoencoderKlConfig;
  readonly weights: Readonly<Record<string, HostTensor>>;
}): Record<string, Uint8Array | string> {
  return {
    'config.json': `${JSON.stringify(diffusersConfig(config), null, 2)}\n`,
    'diffusion_pytorch_model.safetensors': writeSafetensors(weightsToFile(weights), { metadata: { format: 'pt' } }),
  };
}

function diffusersConfig(config: AutoencoderKlConfig): Record<string, unknown> {
  const { scaling, blockChannels } = config;
  return {
    _class_name: 'AutoencoderKL',
    in_channels: config.inChannels,
    out_channels: config.outChannels,
    down_block_types: blockChannels.map(() => 'DownEncoderBlock2D'),
    up_block_types: blockChannels.map(() => 'UpDecoderBlock2D'),
    block_out_channels: blockChannels,
    layers_per_block: config.layersPerBlock,
    act_fn: config.activation,
    latent_channels: config.latentChannels,
    norm_num_groups: config.normGroups,
    sample_size: config.sampleSize,
    scaling_factor: scaling.scale,
    shift_factor: scaling.channels === undefined ? scaling.shift : null,
    latents_mean: scaling.channels?.mean ?? null,
    latents_std: scaling.channels?.deviation ?? null,
    force_upcast: false,
    use_quant_conv: config.quantConvolution,
    use_post_quant_conv: config.postQuantConvolution,
    mid_block_add_attention: config.middleAttention,
  };
}
