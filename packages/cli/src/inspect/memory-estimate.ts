// Estimates the memory a model needs, in bytes, for one sequence of generation and for a training step as configured.
// Weights, moments, average and the key/value cache are counted exactly (32-bit floats, two copies of what a step
// replaces); activations are a rough sum over the arrays a block makes, as the compiled engine keeps them.
import type { ResolvedConfig, ResolvedModelConfig } from '@transfuse/core';

/** Memory by purpose; `total` is the sum of the others. */
export interface MemoryEstimate {
  readonly inference: {
    readonly weights: number;
    /** Keys and values of the longest sequence, for both branches of guidance. */
    readonly cache: number;
    readonly activations: number;
    readonly total: number;
  };
  readonly training: {
    readonly weights: number;
    /** Adam's first and second moments. */
    readonly moments: number;
    /** The moving average of the weights. */
    readonly average: number;
    readonly gradients: number;
    readonly activations: number;
    readonly total: number;
  };
}

/** What the estimate is made from. */
export interface MemoryEstimateInput {
  readonly parameters: number;
  readonly vocabularySize: number;
  readonly config: Pick<ResolvedConfig, 'model' | 'train'>;
}

const bytesPerNumber = 4;
/** Weights are laid out anew in every function generation compiles: reading a prompt, a token, a block (twice). */
const generationFunctions = 4;
/** A step writes new values beside the old ones. */
const copies = 2;

/** Estimates; see the fields of {@link MemoryEstimate}. */
export function estimateMemory({ parameters, vocabularySize, config }: MemoryEstimateInput): MemoryEstimate {
  const { model, train } = config;
  const all = parameters * bytesPerNumber;
  const keyWidth = (model.width / model.heads) * model.keyValueHeads;
  // While generating, a block's arrays are freed as soon as the next block has read them.
  const inference = {
    weights: all * (1 + generationFunctions),
    cache: 2 * 2 * model.depth * keyWidth * model.sequenceLength * bytesPerNumber,
    activations: blockActivations(model, model.sequenceLength) * bytesPerNumber,
  };
  const logits = 3 * train.rowLength * vocabularySize;
  // Attention counts as over whole rows; documents that attend apart need less.
  const training = {
    weights: all * copies,
    moments: 2 * all * copies,
    average: all * copies,
    gradients: all,
    activations: train.rows * (model.depth * blockActivations(model, train.rowLength) + logits) * bytesPerNumber,
  };
  return { inference: { ...inference, total: sum(inference) }, training: { ...training, total: sum(training) } };
}

/** Numbers one block makes of a sequence: two norms, queries, keys, values, scores twice, three sums, three gates. */
function blockActivations(model: ResolvedModelConfig, length: number): number {
  const { width, heads, keyValueHeads, feedForwardWidth } = model;
  const keyWidth = (width / heads) * keyValueHeads;
  return length * (6 * width + 2 * keyWidth + 3 * feedForwardWidth) + 2 * heads * length * length;
}

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}
