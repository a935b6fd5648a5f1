/**
 * The way down of a U-Net patch adapter: residual blocks at each resolution, a halving after each but the last, and one
 * linear layer from there to the model's width. Beside them go two linear layers, of the patches themselves and of the
 * time, as in an adapter of linear patches: what those learn at once the U-Net need not learn first (residual
 * autoencoding, Chen et al. 2025, "Deep Compression Autoencoder", section 3.2, with learned weights). The U-Net's vectors
 * count `1 - t`: normalized as they are, they would be as loud at time 1, where there is nothing but noise to be seen, and
 * drown what attention brings from a caption. What the blocks of a resolution leave is kept as its skip, except at the
 * resolution of the tokens, which go through the transformer themselves.
 */
import { add, mul, reshape, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';
import { convolution } from '../vae/convolution.ts';
import { groupNorm } from '../vae/group-norm.ts';
import { normParameters } from '../vae/layer-parameters.ts';
import { toPatches } from '../patch/patch-layout.ts';
import { halve } from './patch-resampling.ts';
import { timeResidualBlock, timeResidualParameters } from './time-residual-block.ts';
import { convolutionLayer, linear, linearLayer } from './unet-layers.ts';
import type { UnetShape } from './unet-shape.ts';

/**
 * Tokens start small, as the embeddings of words do: what attention brings them from a caption is then as large as they
 * are, and is learned as early.
 */
const tokenStart = { start: { standardDeviation: 0.02 } };

/** The weights, from `channels` of a latent to `modelWidth` numbers per token. */
export function downParameters(
  { patchSize, widths, blocks, timeWidth }: UnetShape,
  { channels, modelWidth }: { readonly channels: number; readonly modelWidth: number },
): ParameterSpec {
  const parts = [convolutionLayer('down.input', channels, widths[0]!)];
  for (const [level, width] of widths.entries()) {
    for (let block = 0; block < blocks[level]!; block++) {
      parts.push(timeResidualParameters(`down.${level}.blocks.${block}`, { channels: width, timeWidth }));
    }
    const next = widths[level + 1];
    if (next !== undefined) parts.push(linearLayer(`down.${level}.halve`, 4 * width, next));
  }
  const coarsest = widths.at(-1)!;
  parts.push(normParameters('down.norm', coarsest));
  parts.push(linearLayer('down.output', coarsest, modelWidth, tokenStart));
  parts.push(linearLayer('down.patches', patchSize ** 2 * channels, modelWidth, tokenStart));
  parts.push(linearLayer('down.time', timeWidth, modelWidth, tokenStart));
  return Object.assign({}, ...parts) as ParameterSpec;
}

/** What the way down starts from. */
export interface UnetDownInputs {
  /** `[B, H, W, C]` */
  readonly noisy: Tensor;
  /** `[B]` */
  readonly time: Tensor;
  /** `[B, T]`, of the same times. */
  readonly embedding: Tensor;
}

/**
 * @returns `tokens` `[B, N, D]` in raster order, and the maps of every resolution but the last, finest first, level l
 *   `[B, H / 2^l, W / 2^l, widths[l]]`
 */
export function unetDown(
  params: NamedTensors,
  { patchSize, widths, blocks, groups }: UnetShape,
  { noisy, time, embedding }: UnetDownInputs,
): { readonly tokens: Tensor; readonly maps: readonly Tensor[] } {
  const maps: Tensor[] = [];
  let x = convolution(params, 'down.input', noisy);
  for (const level of widths.keys()) {
    for (let block = 0; block < blocks[level]!; block++) {
      x = timeResidualBlock(params, `down.${level}.blocks.${block}`, { x, time: embedding, groups });
    }
    if (level === widths.length - 1) break;
    maps.push(x);
    x = halve(params, `down.${level}.halve`, x);
  }
  const normalized = groupNorm(params, 'down.norm', x, groups);
  const [batch, rows, columns] = x.shape as [number, number, number];
  const perToken = (y: Tensor) => reshape(y, [batch, rows * columns, -1]);
  const vectors = linear(params, 'down.output', reshape(normalized, [-1, widths.at(-1)!])); // [B N, D]
  const layout = { grid: [rows, columns], patch: [patchSize, patchSize], channels: noisy.shape[3]! };
  const numbers = toPatches(noisy, layout); // [B, N, V]
  const patches = linear(params, 'down.patches', reshape(numbers, [-1, numbers.shape[2]!])); // [B N, D]
  const clean = sub(1, reshape(time, [batch, 1, 1]));
  const tokens = add(mul(perToken(vectors), clean), perToken(patches));
  return { tokens: add(tokens, reshape(linear(params, 'down.time', embedding), [batch, 1, -1])), maps };
}
