/**
 * Which parameters an autoencoder has: the names of the weights' file, with the shapes that the tensor functions take.
 * From this list one is created from nothing, and a file is checked against it.
 */
import type { ParameterSpec } from '@transfuse/core/contracts';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import type { AutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
import { convolutionParameters, linearParameters, normParameters } from './layer-parameters.ts';
import { decoderLayers, encoderLayers } from './tiny-layers.ts';

/** The shape of an autoencoder of either architecture. */
export type AutoencoderConfig = AutoencoderKlConfig | AutoencoderTinyConfig;

/**
 * All parameters of an autoencoder. Convolutions are `[height, width, inputs, outputs]`, matrices `[inputs, outputs]`.
 *
 * @example
 * ```ts
 * import { autoEncoderParameters, readAutoencoderKlConfig } from '@transfuse/adapters/vae';
 * const config = readAutoencoderKlConfig({ block_out_channels: [32] });
 * console.assert(autoEncoderParameters(config)['encoder.conv_in.weight']?.shape.join() === '3,3,3,32');
 * ```
 */
export function autoEncoderParameters(config: AutoencoderConfig): ParameterSpec {
  return config.architecture === 'kl' ? klParameters(config) : tinyParameters(config);
}

function klParameters(config: AutoencoderKlConfig): ParameterSpec {
  const { blockChannels, latentChannels, layersPerBlock } = config;
  const levels = blockChannels.length;
  const [finest, coarsest] = [blockChannels[0]!, blockChannels[levels - 1]!];
  const parts: ParameterSpec[] = [];

  parts.push(convolutionParameters('encoder.conv_in', config.inChannels, finest));
  blockChannels.forEach((channels, level) => {
    const block = `encoder.down_blocks.${level}`;
    const before = blockChannels[level - 1] ?? channels;
    parts.push(residualParameters(block, { before, channels, count: layersPerBlock }));
    if (level < levels - 1) parts.push(convolutionParameters(`${block}.downsamplers.0.conv`, channels, channels));
  });
  parts.push(middleParameters('encoder', config));
  parts.push(normParameters('encoder.conv_norm_out', coarsest));
  parts.push(convolutionParameters('encoder.conv_out', coarsest, 2 * latentChannels));
  if (config.quantConvolution) {
    parts.push(convolutionParameters('quant_conv', 2 * latentChannels, 2 * latentChannels, { window: 1 }));
  }

  if (config.postQuantConvolution) {
    parts.push(convolutionParameters('post_quant_conv', latentChannels, latentChannels, { window: 1 }));
  }
  parts.push(convolutionParameters('decoder.conv_in', latentChannels, coarsest));
  parts.push(middleParameters('decoder', config));
  blockChannels.toReversed().forEach((channels, level, rising) => {
    const block = `decoder.up_blocks.${level}`;
    const before = rising[level - 1] ?? channels;
    parts.push(residualParameters(block, { before, channels, count: layersPerBlock + 1 }));
    if (level < levels - 1) parts.push(convolutionParameters(`${block}.upsamplers.0.conv`, channels, channels));
  });
  parts.push(normParameters('decoder.conv_norm_out', finest));
  parts.push(convolutionParameters('decoder.conv_out', finest, config.outChannels));
  return Object.assign({}, ...parts) as ParameterSpec;
}

/** A row of residual blocks, of which only the first may change the number of channels. */
function residualParameters(
  block: string,
  { before, channels, count }: { readonly before: number; readonly channels: number; readonly count: number },
): ParameterSpec {
  const parts = Array.from({ length: count }, (_, layer) => {
    const name = `${block}.resnets.${layer}`;
    const inputs = layer === 0 ? before : channels;
    return {
      ...normParameters(`${name}.norm1`, inputs),
      ...convolutionParameters(`${name}.conv1`, inputs, channels),
      ...normParameters(`${name}.norm2`, channels),
      ...convolutionParameters(`${name}.conv2`, channels, channels),
      ...(inputs !== channels && convolutionParameters(`${name}.conv_shortcut`, inputs, channels, { window: 1 })),
    };
  });
  return Object.assign({}, ...parts) as ParameterSpec;
}

function middleParameters(
  side: 'encoder' | 'decoder',
  { blockChannels, middleAttention }: AutoencoderKlConfig,
): ParameterSpec {
  const channels = blockChannels.at(-1)!;
  const name = `${side}.mid_block`;
  const attention = `${name}.attentions.0`;
  const attentionParts = middleAttention
    ? [
        normParameters(`${attention}.group_norm`, channels),
        ...['to_q', 'to_k', 'to_v', 'to_out.0'].map((part) => linearParameters(`${attention}.${part}`, channels)),
      ]
    : [];
  const residual = residualParameters(name, { before: channels, channels, count: 2 });
  return Object.assign({}, ...attentionParts, residual) as ParameterSpec;
}

function tinyParameters(config: AutoencoderTinyConfig): ParameterSpec {
  const parts = [...encoderLayers(config), ...decoderLayers(config)].map(({ kind, name, inputs, outputs, bias }) => {
    switch (kind) {
      case 'convolution':
      case 'halving':
        return convolutionParameters(name, inputs, outputs, { bias: bias ? 'with' : 'without' });
      case 'block':
        return Object.assign(
          {},
          ...[0, 2, 4].map((part) => convolutionParameters(`${name}.conv.${part}`, inputs, outputs)),
        );
      case 'doubling':
      case 'activation':
        return {};
    }
  });
  return Object.assign({}, ...parts) as ParameterSpec;
}
