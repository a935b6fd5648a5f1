/**
 * The layers of an AutoencoderTiny in their order. Their names are numbers in the weights' file, and layers without
 * weights count too, so both the functions and the declaration of the parameters walk along this list.
 */
import type { AutoencoderTinyConfig } from './autoencoder-tiny-config.ts';

/** One layer; `inputs` and `outputs` are its numbers of channels. */
export interface TinyLayer {
  /** `halving` is a convolution at every second pixel, `block` three convolutions around which the input goes too. */
  readonly kind: 'convolution' | 'halving' | 'doubling' | 'activation' | 'block';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Whether the convolution has one. */
  readonly bias: boolean;
}

type Unnamed = Omit<TinyLayer, 'name'>;

/** From pixels to latents. */
export function encoderLayers(config: AutoencoderTinyConfig): readonly TinyLayer[] {
  const { inChannels, encoderChannels: channels, latentChannels, encoderBlocks } = config;
  const layers = encoderBlocks.flatMap((blocks, level): Unnamed[] => [
    level === 0
      ? { kind: 'convolution', inputs: inChannels, outputs: channels, bias: true }
      : { kind: 'halving', inputs: channels, outputs: channels, bias: false },
    ...repeated('block', channels, blocks),
  ]);
  return named('encoder', [...layers, { kind: 'convolution', inputs: channels, outputs: latentChannels, bias: true }]);
}

/** From latents to pixels. */
export function decoderLayers(config: AutoencoderTinyConfig): readonly TinyLayer[] {
  const { outChannels, decoderChannels: channels, latentChannels, decoderBlocks } = config;
  const layers = decoderBlocks.flatMap((blocks, level): Unnamed[] => {
    const last = level === decoderBlocks.length - 1;
    return [
      ...repeated('block', channels, blocks),
      ...repeated('doubling', channels, last ? 0 : 1),
      { kind: 'convolution', inputs: channels, outputs: last ? outChannels : channels, bias: last },
    ];
  });
  return named('decoder', [
    { kind: 'convolution', inputs: latentChannels, outputs: channels, bias: true },
    ...repeated('activation', channels, 1),
    ...layers,
  ]);
}

function repeated(kind: TinyLayer['kind'], channels: number, count: number): Unnamed[] {
  return Array.from({ length: count }, () => ({ kind, inputs: channels, outputs: channels, bias: true }));
}

function named(side: 'encoder' | 'decoder', layers: readonly Unnamed[]): readonly TinyLayer[] {
  return layers.map((layer, index) => ({ ...layer, name: `${side}.layers.${index}` }));
}
