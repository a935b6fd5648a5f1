/**
 * The discriminator of patches (Isola et al. 2017, arXiv 1611.07004, section 3.2.2): convolutions that judge every
 * overlapping patch of a picture by itself, real or decoded. Where the paper normalizes over the batch, this one takes
 * group normalization (Wu and He 2018): a picture's score then depends on no other picture of the batch, and there are no
 * running statistics to keep.
 */
import { leakyRelu, type Tensor } from '@tensorflow/tfjs-core';
import { type NamedTensors, type ParameterSpec, TransfuseError } from '@transfuse/core/contracts';
import { convolution } from './convolution.ts';
import { groupNorm } from './group-norm.ts';
import { convolutionParameters, normParameters } from './layer-parameters.ts';

/** The shape of a discriminator. */
export interface PatchDiscriminatorConfig {
  /** Of the pictures; default 3. */
  readonly inChannels?: number;
  /** Channels of the first layer, default 32; each layer after it doubles them, up to eight times. */
  readonly channels?: number;
  /** Layers that halve the sides, default 2: patches of 34 pixels; 3 make 70. */
  readonly layers?: number;
  /** Groups of the normalizations, default 8; divides `channels`. */
  readonly groups?: number;
}

interface Layer {
  readonly convolution: string;
  /** Undefined where the layer is not normalized: the first and the last. */
  readonly norm: string | undefined;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
  readonly last: boolean;
}

const window = 4;
const slope = 0.2; // of the leaky ReLU
const firstDeviation = 0.02; // of the weights, as in the paper

/** The parameters, named as the layers of a sequence: `main.0.weight`. Throws `config.invalid` where groups do not divide. */
export function patchDiscriminatorParameters(config: PatchDiscriminatorConfig = {}): ParameterSpec {
  const { channels, groups } = complete(config);
  if (channels % groups !== 0) {
    throw invalid('groups', String(groups), `a divisor of channels, ${channels}`, 'Choose other groups.');
  }
  const parts = layersOf(config).map(({ convolution: name, norm, inputs, outputs }) => {
    const spec = convolutionParameters(name, inputs, outputs, {
      window,
      bias: norm === undefined ? 'with' : 'without',
    });
    const initializer = { kind: 'normal', standardDeviation: firstDeviation } as const;
    return {
      [`${name}.weight`]: { ...spec[`${name}.weight`]!, initializer },
      ...(norm === undefined
        ? { [`${name}.bias`]: { ...spec[`${name}.bias`]!, initializer: { kind: 'zeros' } as const } }
        : normParameters(norm, outputs)),
    };
  });
  return Object.assign({}, ...parts) as ParameterSpec;
}

/**
 * The score of every patch, rising with how real it looks.
 *
 * @param pixels `[B, H, W, inChannels]` in [-1, 1]
 * @returns `[B, h, w, 1]`, sides as `patchGrid` says
 */
export function discriminatePatches(params: NamedTensors, config: PatchDiscriminatorConfig, pixels: Tensor): Tensor {
  const { groups } = complete(config);
  return layersOf(config).reduce((x, { convolution: name, norm, stride, last }) => {
    const result = convolution(params, name, x, { stride, padding: [1, 1] });
    if (last) return result;
    return leakyRelu(norm === undefined ? result : groupNorm(params, norm, result, groups), slope);
  }, pixels);
}

/** How many patches a side of a picture has. Throws `config.invalid` where the picture is too small for any. */
export function patchGrid(config: PatchDiscriminatorConfig, side: number): number {
  const patches = layersOf(config).reduce((size, { stride }) => Math.floor((size + 2 - window) / stride) + 1, side);
  if (patches >= 1) return patches;
  const found = `${complete(config).layers} for pictures of ${side} pixels`;
  throw invalid('layers', found, 'at least one patch', 'Choose fewer layers, or larger pictures.');
}

function layersOf(config: PatchDiscriminatorConfig): readonly Layer[] {
  const { inChannels, channels, layers } = complete(config);
  const channelsAfter = (layer: number) => channels * Math.min(2 ** layer, 8);
  return Array.from({ length: layers + 2 }, (_, layer): Layer => {
    const last = layer === layers + 1;
    const at = layer === 0 ? 0 : 3 * layer - 1; // the first has an activation after it, the others a norm as well
    return {
      convolution: `main.${at}`,
      norm: layer === 0 || last ? undefined : `main.${at + 1}`,
      inputs: layer === 0 ? inChannels : channelsAfter(layer - 1),
      outputs: last ? 1 : channelsAfter(layer),
      stride: layer < layers ? 2 : 1,
      last,
    };
  });
}

function complete(config: PatchDiscriminatorConfig): Required<PatchDiscriminatorConfig> {
  const { inChannels = 3, channels = 32, layers = 2, groups = 8 } = config;
  return { inChannels, channels, layers, groups };
}

function invalid(field: string, found: string, expected: string, mend: string): TransfuseError {
  return new TransfuseError({ code: 'config.invalid', place: `discriminator.${field}`, found, expected, mend });
}
