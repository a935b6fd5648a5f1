/**
 * A model's functions of generation as ONNX files of fixed sizes: one reads a whole prompt of discrete tokens, one the next
 * token, one per continuous modality a block. A driver in any language needs nothing else; keys and values pass through it.
 */
import { range, reshape, zeros } from '@tensorflow/tfjs-core';
import type { TensorFunction, TensorStore, WeightFormat } from '../contracts/engine.ts';
import type { TensorSpec } from '../contracts/tensors.ts';
import { type ExportedFunction, exportFunction } from '../engine/export-function.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { blockKinds } from '../sequence/block-kind.ts';
import { nextToken, nextTokenInputs, wholeBlock, wholeBlockInputs, wholeSequence } from './forward-functions.ts';

/** Fixed sizes and form of exported functions. */
export interface ExportSizes {
  /** Positions the prompt function reads. */
  readonly prefix: number;
  /** Entries of the cache. */
  readonly capacity: number;
  /** Guidance branches a block is evaluated for at once. */
  readonly branches: number;
  readonly weights: WeightFormat;
  readonly operators: 'runtime' | 'portable';
}

/** The functions of one model. */
export interface ExportedFunctions {
  /** `ids` `[P]`, `asked` `[1]` to `logits` `[V]` after the position asked, and keys and values of every position. */
  readonly prefix: ExportedFunction;
  /** One token against the cache. */
  readonly textStep: ExportedFunction;
  /** One block of each kind against the cache, by the kind's name. */
  readonly diffusionSteps: Readonly<Record<string, ExportedFunction>>;
}

/** Exports the functions of a model, with the weights of a store in them. */
export async function exportFunctions(
  model: TransfusionModel,
  parameters: TensorStore,
  { prefix, capacity, branches, weights, operators }: ExportSizes,
): Promise<ExportedFunctions> {
  const common = { stores: { parameters }, frozen: ['parameters'], weights, operators };
  const diffusionSteps: Record<string, ExportedFunction> = {};
  for (const [name, kind] of Object.entries(blockKinds(model.continuous))) {
    const shape = { ...kind, branches, capacity };
    diffusionSteps[name] = await exportFunction(wholeBlock(model, shape), {
      ...common,
      name: `diffusion-step-${name.replaceAll(' ', '-')}`,
      inputs: wholeBlockInputs(model, shape),
    });
  }
  return {
    prefix: await exportFunction(promptReading(model, prefix), {
      ...common,
      name: 'prefix',
      inputs: promptInputs(prefix),
    }),
    textStep: await exportFunction(nextToken(model), {
      ...common,
      name: 'text-step',
      inputs: nextTokenInputs(model, capacity),
    }),
    diffusionSteps,
  };
}

function promptInputs(length: number): Record<string, TensorSpec> {
  return { ids: { shape: [length], dtype: 'int32' }, asked: { shape: [1], dtype: 'int32' } };
}

/**
 * The whole sequence where every position is a token of one document, in order. What stands after the position asked is
 * seen by nothing before it, so a shorter prompt may be followed by anything.
 */
function promptReading(model: TransfusionModel, length: number): TensorFunction {
  const read = wholeSequence(model, {
    rows: 1,
    rowLength: length,
    asked: 0,
    silent: length,
    positionAxes: 1, // text alone stands at the same place along all axes
    blocks: {},
  });
  return (stores, { ids, asked }) => {
    const order = range(0, length, 1, 'int32');
    const none = zeros([1, length], 'int32');
    const positions = reshape(order, [1, length]);
    return read(stores, { ids: ids!, asked: asked!, order, positions, documentIds: none, blockIds: none });
  };
}
