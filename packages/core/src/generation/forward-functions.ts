/**
 * The three tensor functions of generation. `wholeSequence` reads a sequence from nothing; `nextToken` reads one token
 * against the cache; `wholeBlock` reads the tokens of one continuous block against the cache, in every denoising step
 * and once more when it is clean. Their results are equal where they overlap, which tests hold them to.
 */
import { concat, gather, reshape, slice, type Tensor, zeros } from '@tensorflow/tfjs-core';
import type { TensorFunction } from '../contracts/engine.ts';
import type { NamedTensors, TensorSpec } from '../contracts/tensors.ts';
import type { CachedPrefix, KeysAndValues } from '../model/attention.ts';
import { scoped } from '../model/scoped.ts';
import { transformer } from '../model/transformer.ts';
import type { TransformerConfig } from '../model/transformer-config.ts';
import { embedTokens, languageHead, type TransfusionModel } from '../model/transfusion-model.ts';
import { attentionMask } from '../sequence/attention-mask.ts';
import type { BlockKind } from '../sequence/block-kind.ts';
import { positionsShape } from '../sequence/block-positions.ts';
import { type BatchShape, farthestAhead, inputRuns } from '../sequence/pack-rows.ts';

const ints = (...shape: number[]): TensorSpec => ({ shape, dtype: 'int32' });
const floats = (...shape: number[]): TensorSpec => ({ shape, dtype: 'float32' });

/** Inputs of {@link wholeSequence}: one packed row, latents already mixed with their noise, and the position asked. */
export function wholeSequenceInputs(shape: BatchShape): Record<string, TensorSpec> {
  const { rowLength, asked, silent, positionAxes } = shape;
  const specs: Record<string, TensorSpec> = {
    ids: ints(asked + silent),
    order: ints(rowLength),
    inverse: ints(inputRuns(shape).size),
    positions: ints(...positionsShape(positionAxes, 1, rowLength)),
    documentIds: ints(1, rowLength),
    blockIds: ints(1, rowLength),
    asked: ints(1),
  };
  for (const [kind, { count, latentShape }] of Object.entries(shape.blocks)) {
    specs[`${kind}.latent`] = floats(count, ...latentShape);
    specs[`${kind}.time`] = floats(count);
  }
  return specs;
}

/** Outputs `logits` `[V]` at the asked position, `<kind of block>.prediction`, and keys and values of every layer. */
export function wholeSequence(model: TransfusionModel, shape: BatchShape): TensorFunction {
  return ({ parameters: params = {} }, inputs) => {
    const { width } = model.transformer;
    const runs = inputRuns(shape);
    const kinds = Object.keys(runs.offsets).toSorted();
    const embedded = kinds.map((kind) => {
      const { modality } = shape.blocks[kind]!;
      const own = scoped(params, `adapters.${modality}`);
      return {
        kind,
        ...model.continuous[modality]!.embed(own, inputs[`${kind}.latent`]!, inputs[`${kind}.time`]!),
      };
    });
    const vectors = concat(
      [
        embedTokens(params, inputs['ids']!),
        ...embedded.map(({ tokens }) => reshape(tokens, [-1, width])),
        zeros([1, width]), // what padding points to
      ],
      0,
    );
    const sequence = reshape(gather(vectors, inputs['order']!), [1, shape.rowLength, width]);
    const { hidden, layers } = transformer(params, model.transformer, sequence, {
      positions: inputs['positions']!,
      mask: attentionMask(inputs['documentIds']!, inputs['blockIds']!),
      lookahead: farthestAhead(shape),
    });
    const rows = concat([reshape(hidden, [shape.rowLength, width]), zeros([1, width])], 0);
    const predictions: Record<string, Tensor> = {};
    for (const { kind, skips } of embedded) {
      const { modality, latentShape, count, tokens } = shape.blocks[kind]!;
      const positions = slice(inputs['inverse']!, [runs.offsets[kind]!], [count * tokens]);
      const adapter = model.continuous[modality]!;
      predictions[`${kind}.prediction`] = adapter.predict(
        scoped(params, `adapters.${modality}`),
        reshape(gather(rows, positions), [count, tokens, width]),
        inputs[`${kind}.time`]!,
        skips,
        latentShape,
      );
    }
    const logits = reshape(languageHead(params, model.transformer, gather(rows, inputs['asked']!)), [-1]);
    return { outputs: { logits, ...predictions, ...namedLayers(layers) } };
  };
}

/** Inputs of the cache for a batch of B sequences of capacity S. */
function cacheInputs(config: TransformerConfig, batch: number, capacity: number): Record<string, TensorSpec> {
  const { depth, heads, keyValueHeads, width } = config;
  const specs: Record<string, TensorSpec> = { prefixMask: floats(batch, 1, 1, capacity) };
  for (let layer = 0; layer < depth; layer++) {
    specs[`keys.${layer}`] = floats(batch, keyValueHeads, capacity, width / heads);
    specs[`values.${layer}`] = floats(batch, keyValueHeads, capacity, width / heads);
  }
  return specs;
}

/** Inputs of {@link nextToken}. */
export function nextTokenInputs(model: TransfusionModel, capacity: number): Record<string, TensorSpec> {
  const positions = ints(...positionsShape(model.positionAxes, 1, 1));
  return { ids: ints(1), positions, ...cacheInputs(model.transformer, 1, capacity) };
}

/** Outputs `logits` `[V]` and the token's keys and values. */
export function nextToken(model: TransfusionModel): TensorFunction {
  return ({ parameters: params = {} }, inputs) => {
    const { width } = model.transformer;
    const { hidden, layers } = transformer(
      params,
      model.transformer,
      reshape(embedTokens(params, inputs['ids']!), [1, 1, width]),
      { positions: inputs['positions']!, mask: zeros([1, 1, 1, 1]), prefix: cachedLayers(model.transformer, inputs) },
    );
    const logits = reshape(languageHead(params, model.transformer, reshape(hidden, [1, width])), [-1]);
    return { outputs: { logits, ...namedLayers(layers) } };
  };
}

/** Inputs of {@link wholeBlock} for B guidance branches. */
export function wholeBlockInputs(
  model: TransfusionModel,
  { latentShape, tokens, branches, capacity }: BlockShape,
): Record<string, TensorSpec> {
  return {
    latent: floats(branches, ...latentShape),
    time: floats(branches),
    positions: ints(...positionsShape(model.positionAxes, branches, tokens)),
    ...cacheInputs(model.transformer, branches, capacity),
  };
}

/** The fixed sizes of a block function. */
export interface BlockShape extends BlockKind {
  readonly branches: number;
  readonly capacity: number;
}

/** Outputs `prediction` `[B, ...latent]` and the block's keys and values. */
export function wholeBlock(model: TransfusionModel, { modality, latentShape, tokens }: BlockShape): TensorFunction {
  return ({ parameters: params = {} }, inputs) => {
    const adapter = model.continuous[modality]!;
    const adapterParams = scoped(params, `adapters.${modality}`);
    const { tokens: vectors, skips } = adapter.embed(adapterParams, inputs['latent']!, inputs['time']!);
    const { hidden, layers } = transformer(params, model.transformer, vectors, {
      positions: inputs['positions']!,
      mask: zeros([1, 1, tokens, tokens]),
      prefix: cachedLayers(model.transformer, inputs),
    });
    const prediction = adapter.predict(adapterParams, hidden, inputs['time']!, skips, latentShape);
    return { outputs: { prediction, ...namedLayers(layers) } };
  };
}

function cachedLayers({ depth }: TransformerConfig, inputs: NamedTensors): CachedPrefix[] {
  return Array.from({ length: depth }, (_, layer) => ({
    keys: inputs[`keys.${layer}`]!,
    values: inputs[`values.${layer}`]!,
    mask: inputs['prefixMask']!,
  }));
}

function namedLayers(layers: readonly KeysAndValues[]): Record<string, Tensor> {
  return Object.fromEntries(
    layers.flatMap(({ keys, values }, layer) => [
      [`keys.${layer}`, keys],
      [`values.${layer}`, values],
    ]),
  );
}
