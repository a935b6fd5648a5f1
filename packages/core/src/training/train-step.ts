/**
 * One training step as a tensor function: losses, gradients, clipping, AdamW and the moving average in one graph. Its
 * stores are `parameters`, `first`, `second` (Adam's moments) and `average`; its inputs those of the loss and four
 * numbers.
 */
import { add, keep, mul, type Tensor, valueAndGrads, zerosLike } from '@tensorflow/tfjs-core';
import type { TensorFunction } from '../contracts/engine.ts';
import type { NamedTensors, TensorSpec } from '../contracts/tensors.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type TransfusionLoss, transfusionLoss } from '../objective/transfusion-loss.ts';
import type { BatchShape } from '../sequence/pack-rows.ts';
import { adamW, type OptimizerConfig } from './optimizer.ts';

/** The numbers fed to every step besides the batch. */
export const stepScalarInputs: Readonly<Record<string, TensorSpec>> = Object.fromEntries(
  ['learningRate', 'firstCorrection', 'secondCorrection', 'averageDecay'].map((name) => [
    name,
    { shape: [], dtype: 'float32' as const },
  ]),
);

/** Losses and gradients of a batch with respect to every parameter. */
function lossAndGradients(
  model: TransfusionModel,
  parameters: NamedTensors,
  inputs: NamedTensors,
  shape: BatchShape,
  options: { readonly diffusionWeight: number },
): { readonly loss: TransfusionLoss; readonly gradients: NamedTensors } {
  const names = Object.keys(model.parameters);
  let loss: TransfusionLoss | undefined;
  const differentiate = valueAndGrads((...tensors: Tensor[]) => {
    const params = Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
    const result = transfusionLoss(model, params, inputs, shape, options);
    for (const tensor of [result.text, result.diffusion, result.tokenLosses, ...Object.values(result.blockErrors)]) {
      keep(tensor); // the caller's, although made inside the differentiated function
    }
    loss = result;
    return result.total as never;
  });
  const { value, grads } = differentiate(names.map((name) => parameters[name]!));
  const own = <T extends Tensor>(tensor: T): Tensor => {
    const copy = tensor.clone();
    tensor.dispose();
    return copy;
  };
  const { text, diffusion, tokenLosses, blockErrors } = loss!;
  return {
    loss: {
      total: value,
      text: own(text),
      diffusion: own(diffusion),
      tokenLosses: own(tokenLosses),
      blockErrors: Object.fromEntries(Object.entries(blockErrors).map(([name, errors]) => [name, own(errors)])),
    },
    gradients: Object.fromEntries(names.map((name, index) => [name, grads[index]!])),
  };
}

/** The whole step; outputs `total`, `text`, `diffusion`, `gradientNorm`, `tokenLosses` and `<kind of block>.blockErrors`. */
export function trainStep(
  model: TransfusionModel,
  shape: BatchShape,
  options: { readonly diffusionWeight: number; readonly optimizer: OptimizerConfig },
): TensorFunction {
  return (stores, inputs) => {
    const state = optimizerState(stores);
    const { loss, gradients } = lossAndGradients(model, state.parameters, inputs, shape, options);
    const { gradientNorm, ...updates } = adamW(
      model.parameters,
      options.optimizer,
      state,
      gradients,
      stepScalars(inputs),
    );
    return { outputs: { ...lossOutputs(loss), gradientNorm }, updates };
  };
}

/**
 * The first half of an accumulated step: adds a share of one batch's gradients to the store `gradients`. Outputs as
 * {@link trainStep}, without the gradient norm.
 */
export function collectGradients(
  model: TransfusionModel,
  shape: BatchShape,
  options: { readonly diffusionWeight: number; readonly share: number },
): TensorFunction {
  return (stores, inputs) => {
    const { loss, gradients } = lossAndGradients(model, stores['parameters']!, inputs, shape, options);
    const sums = Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [
        name,
        add(stores['gradients']![name]!, mul(gradient, options.share)),
      ]),
    );
    return { outputs: lossOutputs(loss), updates: { gradients: sums } };
  };
}

/** The second half: one optimizer step from the store `gradients`, which is cleared. Outputs `gradientNorm`. */
export function applyGradients(
  model: TransfusionModel,
  options: { readonly optimizer: OptimizerConfig },
): TensorFunction {
  return (stores, inputs) => {
    const gradients = stores['gradients']!;
    const { gradientNorm, ...updates } = adamW(
      model.parameters,
      options.optimizer,
      optimizerState(stores),
      gradients,
      stepScalars(inputs),
    );
    const cleared = Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [name, zerosLike(gradient)]),
    );
    return { outputs: { gradientNorm }, updates: { ...updates, gradients: cleared } };
  };
}

function optimizerState(stores: Readonly<Record<string, NamedTensors>>) {
  return {
    parameters: stores['parameters']!,
    first: stores['first']!,
    second: stores['second']!,
    average: stores['average']!,
  };
}

function stepScalars(inputs: NamedTensors) {
  return {
    learningRate: inputs['learningRate']!,
    firstCorrection: inputs['firstCorrection']!,
    secondCorrection: inputs['secondCorrection']!,
    averageDecay: inputs['averageDecay']!,
  };
}

/** Every number of a loss account, by output name. */
export function lossOutputs(loss: TransfusionLoss): Record<string, Tensor> {
  const { total, text, diffusion, tokenLosses } = loss;
  const blockErrors = Object.entries(loss.blockErrors).map(([kind, errors]) => [`${kind}.blockErrors`, errors]);
  return { total, text, diffusion, tokenLosses, ...(Object.fromEntries(blockErrors) as NamedTensors) };
}
