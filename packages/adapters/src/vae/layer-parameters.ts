/**
 * Declarations of the parameters of one layer. The first weights and biases of convolutions and linear layers are
 * normal with the variance of PyTorch's default, a uniform distribution over plus and minus `1 / sqrt(inputs)`, where
 * `inputs` counts the numbers that one output is made of: variance `1 / (3 inputs)`. Gains start at one.
 */
import type { ParameterDeclaration, ParameterSpec } from '@transfuse/core/contracts';

/** A convolution with square windows: `<name>.weight` `[K, K, I, O]`, `<name>.bias` `[O]`. */
export function convolutionParameters(
  name: string,
  inputs: number,
  outputs: number,
  options: {
    /** Side of the window, default 3. */
    readonly window?: number;
    /** Whether there is one, default `with`. */
    readonly bias?: 'with' | 'without';
  } = {},
): ParameterSpec {
  const { window = 3, bias = 'with' } = options;
  const initializer = firstValues(window * window * inputs);
  const weight = { shape: [window, window, inputs, outputs], initializer, decay: true };
  if (bias === 'without') return { [`${name}.weight`]: weight };
  return { [`${name}.weight`]: weight, [`${name}.bias`]: { shape: [outputs], initializer, decay: false } };
}

/** A linear layer from and to as many channels: `<name>.weight` `[C, C]`, `<name>.bias` `[C]`. */
export function linearParameters(name: string, channels: number): ParameterSpec {
  const initializer = firstValues(channels);
  return {
    [`${name}.weight`]: { shape: [channels, channels], initializer, decay: true },
    [`${name}.bias`]: { shape: [channels], initializer, decay: false },
  };
}

/** A group normalization: `<name>.weight` `[C]`, `<name>.bias` `[C]`. */
export function normParameters(name: string, channels: number): ParameterSpec {
  return {
    [`${name}.weight`]: { shape: [channels], initializer: { kind: 'ones' }, decay: false },
    [`${name}.bias`]: { shape: [channels], initializer: { kind: 'zeros' }, decay: false },
  };
}

function firstValues(inputs: number): ParameterDeclaration['initializer'] {
  return { kind: 'normal', standardDeviation: 1 / Math.sqrt(3 * inputs) };
}
