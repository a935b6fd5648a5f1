/**
 * Holds gradients to finite differences. Along a direction u of one parameter, the derivative of f is both
 * `gradient . u` and, nearly, `(f(x + h u) - f(x - h u)) / 2 h`.
 *
 * f is computed in float32, so single entries would drown in rounding; a direction of random signs over the whole
 * array does not: its derivative is about as large as the gradient is long. A wrong entry shows in every direction.
 */
import { mul, sum, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import type { Engine, HostTensor, NamedTensors } from '@transfuse/core/contracts';
import { sizeOf, wave } from './tiny-numbers.ts';

/** A number computed from named tensors. */
export type ScalarFunction = (params: NamedTensors) => Tensor;

/** One disagreement, relative to the length of the gradient in question. */
export interface GradientMismatch {
  readonly name: string;
  readonly mismatch: number;
}

/** Makes a number of a tensor that every entry of it moves, each differently. */
export function weighted(x: Tensor): Tensor {
  return sum(mul(x, tensor(wave(77, sizeOf(x.shape)), x.shape)));
}

/**
 * The worst disagreement over all parameters named (default: all). `length` is the Euclidean length of a step;
 * `directions` how many are tried per parameter. Gradients come from `engine`, values from `values` (default: the same).
 */
export async function worstGradientMismatch(
  engine: Engine,
  f: ScalarFunction,
  params: Readonly<Record<string, HostTensor>>,
  options: {
    readonly names?: readonly string[];
    readonly length?: number;
    readonly directions?: number;
    readonly values?: Engine;
  } = {},
): Promise<GradientMismatch> {
  const { names = Object.keys(params), length = 1e-2, directions = 2, values = engine } = options;
  const specs = Object.fromEntries(Object.entries(params).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
  const differentiate = await engine.compile(
    (_, inputs) => {
      const gradients = valueAndGrads(
        (...tensors: Tensor[]) =>
          f({ ...inputs, ...Object.fromEntries(names.map((name, index) => [name, tensors[index]!])) }) as never,
      )(names.map((name) => inputs[name]!)).grads;
      return { outputs: Object.fromEntries(names.map((name, index) => [name, gradients[index]!])) };
    },
    { name: 'gradients', inputs: specs },
  );
  const evaluate = await values.compile((_, inputs) => ({ outputs: { value: f(inputs) } }), {
    name: 'value',
    inputs: specs,
  });

  const at = Object.fromEntries(Object.entries(params).map(([name, { data }]) => [name, data]));
  const gradients = await differentiate.run(at);
  let worst: GradientMismatch = { name: 'none', mismatch: 0 };
  for (const name of names) {
    const gradient = gradients[name]!.data as Float32Array;
    const norm = Math.hypot(...gradient);
    if (!(norm > 1e-4)) return { name, mismatch: Infinity }; // nothing flows here: the check would be empty
    const size = gradient.length;
    const step = length / Math.sqrt(size);
    for (let direction = 0; direction < directions; direction++) {
      const signs = wave(500 + direction, size).map((value) => (value < 0 ? -1 : 1));
      const valueAt = async (by: number) => {
        const moved = (at[name] as Float32Array).map((value, index) => value + by * signs[index]!);
        return (await evaluate.run({ ...at, [name]: moved }))['value']!.data[0]!;
      };
      const measured = ((await valueAt(step)) - (await valueAt(-step))) / (2 * step);
      const claimed = gradient.reduce((total, value, index) => total + value * signs[index]!, 0);
      const mismatch = Math.abs(measured - claimed) / norm;
      if (!(mismatch <= worst.mismatch)) worst = { name, mismatch };
    }
  }
  await Promise.all([differentiate.dispose(), evaluate.dispose()]);
  return worst;
}
