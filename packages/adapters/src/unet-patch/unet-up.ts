/**
 * The way up of a U-Net patch adapter: from hidden states to the resolution of the latent, doubling and residual blocks
 * at each, where the map of the same resolution from the way down is added through a linear layer. (Adding the product
 * is what concatenation and a layer over both would compute.) Beside all that two things are added: what one linear layer
 * makes of each hidden state, as in an adapter of linear patches, so that the blocks need only learn what it cannot; and
 * the noisy latent itself, times one learned factor per channel that depends on the time alone: what a prediction has of
 * its own input in proportion, which needs no knowledge of the picture and should cost the network nothing.
 */
import { add, mul, reshape, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { silu } from '../vae/activation.ts';
import { convolution } from '../vae/convolution.ts';
import { groupNorm } from '../vae/group-norm.ts';
import { normParameters } from '../vae/layer-parameters.ts';
import { fromPatches } from '../patch/patch-layout.ts';
import { double } from './patch-resampling.ts';
import { skipGate, skipGateParameters } from './skip-gate.ts';
import { timeResidualBlock, timeResidualParameters } from './time-residual-block.ts';
import { convolutionLayer, linear, linearLayer } from './unet-layers.ts';
import type { UnetShape } from './unet-shape.ts';

/** The weights, from `modelWidth` numbers per hidden state to `channels` of a latent. */
export function upParameters(
  { patchSize, widths, blocks, timeWidth, skips }: UnetShape,
  { channels, modelWidth }: { readonly channels: number; readonly modelWidth: number },
): ParameterSpec {
  const parts = [linearLayer('up.input', modelWidth, widths.at(-1)!)];
  for (let level = widths.length - 1; level >= 0; level--) {
    const width = widths[level]!;
    const below = widths[level + 1];
    if (below !== undefined) parts.push(linearLayer(`up.${level}.double`, below, 4 * width));
    if (below !== undefined && skips !== 'none') parts.push(linearLayer(`up.${level}.skip`, width, width));
    if (below !== undefined && skips === 'gated') {
      parts.push(skipGateParameters(`up.${level}.gate`, { channels: width, timeWidth }));
    }
    for (let block = 0; block < blocks[level]!; block++) {
      parts.push(timeResidualParameters(`up.${level}.blocks.${block}`, { channels: width, timeWidth }));
    }
  }
  parts.push(normParameters('up.norm', widths[0]!));
  parts.push(convolutionLayer('up.output', widths[0]!, channels, { start: 'zero' }));
  parts.push(linearLayer('up.patches', modelWidth, patchSize ** 2 * channels, { start: { standardDeviation: 0.02 } }));
  parts.push(linearLayer('up.proportion', timeWidth, channels, { start: 'zero' }));
  return Object.assign({}, ...parts) as ParameterSpec;
}

/** What the way up starts from. */
export interface UnetUpInputs {
  /** `[B, N, D]` */
  readonly hidden: Tensor;
  readonly grid: readonly [rows: number, columns: number];
  /** `[B]` */
  readonly time: Tensor;
  /** `[B, T]`, of the same times. */
  readonly embedding: Tensor;
  /** `[B, H, W, C]` */
  readonly noisy: Tensor;
  /** The maps of the way down, finest first; none where there are no skips. */
  readonly maps: readonly Tensor[];
}

/** @returns `[B, H, W, C]` */
export function unetUp(params: NamedTensors, shape: UnetShape, inputs: UnetUpInputs): Tensor {
  const { patchSize, widths, blocks, groups } = shape;
  const { hidden, grid, embedding, noisy } = inputs;
  const [batch, , modelWidth] = hidden.shape as [number, number, number];
  const vectors = reshape(hidden, [-1, modelWidth]); // [B N, D]
  const states = linear(params, 'up.input', vectors);
  let x: Tensor = reshape(states, [batch, ...grid, widths.at(-1)!]);
  for (let level = widths.length - 1; level >= 0; level--) {
    if (level < widths.length - 1) {
      x = double(params, `up.${level}.double`, x);
      if (shape.skips !== 'none') x = add(x, skip(params, shape, level, inputs));
    }
    for (let block = 0; block < blocks[level]!; block++) {
      x = timeResidualBlock(params, `up.${level}.blocks.${block}`, { x, time: embedding, groups });
    }
  }
  const drawn = convolution(params, 'up.output', silu(groupNorm(params, 'up.norm', x, groups)));
  const channels = noisy.shape[3]!;
  const layout = { grid, patch: [patchSize, patchSize], channels };
  const patches = fromPatches(linear(params, 'up.patches', vectors), layout); // [B, H, W, C]
  return add(add(drawn, patches), mul(noisy, reshape(proportion(params, shape, inputs), [batch, 1, 1, channels])));
}

/** How much of the noisy latent a prediction has, `[B, C]`. */
function proportion(params: NamedTensors, shape: UnetShape, { time, embedding }: UnetUpInputs): Tensor {
  const learned = linear(params, 'up.proportion', embedding);
  return shape.proportion === 'fading' ? mul(learned, sub(1, reshape(time, [-1, 1]))) : learned;
}

/** What comes around the transformer at one resolution. */
function skip(params: NamedTensors, { skips }: UnetShape, level: number, inputs: UnetUpInputs): Tensor {
  const map = inputs.maps[level]!;
  const rows = linear(params, `up.${level}.skip`, reshape(map, [-1, map.shape[3]!]));
  const through = reshape(rows, map.shape);
  return skips === 'gated' ? mul(through, skipGate(params, `up.${level}.gate`, inputs)) : through;
}
