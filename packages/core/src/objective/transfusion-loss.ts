/**
 * The objective on one packed batch: next-token loss plus lambda times diffusion loss (Zhou et al. 2024, equation 4),
 * as a pure function of parameters and index arrays. Schedules do not appear: every image brings its own noise level,
 * target and weight as numbers.
 */
import { add, concat, mean, mul, reshape, slice, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, TensorSpec } from '../contracts/tensors.ts';
import { crossEntropy } from '../engine/primitives/cross-entropy.ts';
import { gatherRows } from '../engine/primitives/gather-rows.ts';
import { scoped } from '../model/scoped.ts';
import { transformer } from '../model/transformer.ts';
import { embedTokens, languageHead, type TransfusionModel } from '../model/transfusion-model.ts';
import { attentionMask } from '../sequence/attention-mask.ts';
import { positionsShape } from '../sequence/block-positions.ts';
import { type BatchShape, farthestAhead, inputRuns } from '../sequence/pack-rows.ts';

/** The losses of a batch, and of everything in it. */
export interface TransfusionLoss {
  /** `[]` text + lambda * diffusion, what is minimized. */
  readonly total: Tensor;
  /** `[]` weighted sum of next-token losses. */
  readonly text: Tensor;
  /** `[]` weighted sum of diffusion losses, without lambda. */
  readonly diffusion: Tensor;
  /** `[Q]` next-token loss of every position that is asked, unweighted. */
  readonly tokenLosses: Tensor;
  /** Per kind of block `[I]`: mean squared error of every block in the prediction's own space, unweighted. */
  readonly blockErrors: NamedTensors;
}

/** Shape and type of every input of {@link transfusionLoss}. */
export function lossInputs(shape: BatchShape): Record<string, TensorSpec> {
  const { rows, rowLength, asked, silent, positionAxes, lanes } = shape;
  const ints = (...dimensions: number[]): TensorSpec => ({ shape: dimensions, dtype: 'int32' });
  const floats = (...dimensions: number[]): TensorSpec => ({ shape: dimensions, dtype: 'float32' });
  const specs: Record<string, TensorSpec> = {
    ids: ints(asked + silent),
    targets: ints(asked),
    targetWeights: floats(asked),
    order: ints(rows * rowLength),
    inverse: ints(inputRuns(shape).size),
    positions: ints(...positionsShape(positionAxes, rows, rowLength)),
    ...(lanes === undefined
      ? { documentIds: ints(rows, rowLength), blockIds: ints(rows, rowLength) }
      : {
          documentIds: ints(lanes.count, lanes.length),
          blockIds: ints(lanes.count, lanes.length),
          positionAt: ints(lanes.count, lanes.length),
          placeOf: ints(rows * rowLength),
        }),
  };
  for (const [kind, { count, latentShape }] of Object.entries(shape.blocks)) {
    specs[`${kind}.clean`] = floats(count, ...latentShape);
    specs[`${kind}.noise`] = floats(count, ...latentShape);
    for (const name of blockNumbers) specs[`${kind}.${name}`] = floats(count);
  }
  return specs;
}

/** Numbers fed per block: conditioning time, noise level, target mixture, and weight of its squared error. */
const blockNumbers = ['time', 'alpha', 'sigma', 'targetClean', 'targetNoise', 'weight'] as const;

/** The objective; `diffusionWeight` is the paper's lambda, 5. */
export function transfusionLoss(
  model: TransfusionModel,
  params: NamedTensors,
  inputs: NamedTensors,
  shape: BatchShape,
  { diffusionWeight }: { readonly diffusionWeight: number },
): TransfusionLoss {
  const { rows, rowLength } = shape;
  const width = model.transformer.width;
  const runs = inputRuns(shape);
  const kinds = Object.keys(runs.offsets).toSorted();

  const blocks = kinds.map((kind) => {
    const { modality, latentShape } = shape.blocks[kind]!;
    const field = (name: string) => inputs[`${kind}.${name}`]!;
    const clean = field('clean');
    const perBlock = (name: string) => reshape(field(name), [-1, ...latentShape.map(() => 1)]);
    const mix = (a: string, b: string) => add(mul(clean, perBlock(a)), mul(field('noise'), perBlock(b)));
    const adapter = model.continuous[modality]!;
    const adapterParams = scoped(params, `adapters.${modality}`);
    const embedded = adapter.embed(adapterParams, mix('alpha', 'sigma'), field('time'));
    return {
      kind,
      adapter,
      adapterParams,
      embedded,
      time: field('time'),
      weight: field('weight'),
      target: () => mix('targetClean', 'targetNoise'),
    };
  });

  const vectors = concat(
    [embedTokens(params, inputs['ids']!), ...blocks.map(({ embedded }) => reshape(embedded.tokens, [-1, width]))],
    0,
  ); // [S, D]
  const sequence = reshape(gatherRows(vectors, inputs['order']!, inputs['inverse']!), [rows, rowLength, width]);
  const { hidden } = transformer(params, model.transformer, sequence, {
    positions: inputs['positions']!,
    mask: attentionMask(inputs['documentIds']!, inputs['blockIds']!),
    lanes: shape.lanes && { positionAt: inputs['positionAt']!, placeOf: inputs['placeOf']! },
    lookahead: farthestAhead(shape),
  });
  const sorted = gatherRows(reshape(hidden, [rows * rowLength, width]), inputs['inverse']!, inputs['order']!); // [S, D]

  const logits = languageHead(params, model.transformer, slice(sorted, [0, 0], [shape.asked, width]));
  const tokenLosses = crossEntropy(logits, inputs['targets']!);
  const text = sum(mul(tokenLosses, inputs['targetWeights']!));

  const blockErrors: Record<string, Tensor> = {};
  let diffusion: Tensor | undefined;
  for (const { kind, adapter, adapterParams, embedded, time, weight, target } of blocks) {
    const { count, tokens, latentShape } = shape.blocks[kind]!;
    const states = reshape(slice(sorted, [runs.offsets[kind]!, 0], [count * tokens, width]), [count, tokens, width]);
    const predicted = adapter.predict(adapterParams, states, time, embedded.skips, latentShape);
    const errors = mean(
      square(sub(predicted, target())),
      latentShape.map((_, axis) => axis + 1),
    ); // [I]
    blockErrors[kind] = errors;
    const weighted = sum(mul(errors, weight));
    diffusion = diffusion === undefined ? weighted : add(diffusion, weighted);
  }
  const withoutBlocks = mul(text, 0);
  const diffusionLoss = diffusion ?? withoutBlocks;
  return {
    total: add(text, mul(diffusionLoss, diffusionWeight)),
    text,
    diffusion: diffusionLoss,
    tokenLosses,
    blockErrors,
  };
}
