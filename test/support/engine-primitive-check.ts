/**
 * Checks a primitive with a gradient of its own: what it returns and its gradient are the same on both engines, and
 * the gradient is that of the forward pass, by central differences. Only the forward pass runs in 32 bits; the
 * weighted sum that is differentiated is added up in 64.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, NamedTensors } from '../../packages/core/src/contracts/index.ts';
import { expectAllClose, expectClose } from './engine-closeness.ts';
import { upstream } from './engine-kernel-case.ts';
import type { EnginePair, Results } from './engine-pair.ts';

/** One example of a primitive. */
export interface PrimitiveSample {
  /** What it is differentiated by; well scaled, so that a step of 1/100 is small. */
  readonly xs: Readonly<Record<string, HostTensor>>;
  /** Its other arguments: indices and tables. */
  readonly fixed?: Readonly<Record<string, HostTensor>>;
  run(given: NamedTensors): tf.Tensor;
}

const step = 1 / 128;

/** Runs every check and returns the forward results. */
export async function checkPrimitive(engines: EnginePair, sample: PrimitiveSample): Promise<Results> {
  const names = Object.keys(sample.xs);
  const inputs = { ...sample.xs, ...sample.fixed };
  const both = await engines.run((given) => {
    const at = (xs: readonly tf.Tensor[]) =>
      sample.run({ ...given, ...Object.fromEntries(names.map((name, index) => [name, xs[index]!])) });
    const xs = names.map((name) => given[name]!);
    const value = at(xs);
    const gradients = tf.grads((...varied: tf.Tensor[]) => at(varied))(xs, upstream(value.shape));
    return { value, ...Object.fromEntries(names.map((name, index) => [`gradient ${name}`, gradients[index]!])) };
  }, inputs);
  expectAllClose(both.compiled, both.eager);
  const differences = await centralDifferences(engines, sample, inputs);
  for (const name of names) {
    expectClose(both.eager[`gradient ${name}`], differences[name]!, `gradient ${name}`, {
      relative: 1e-2,
      absolute: 1e-3,
    });
  }
  return both.eager;
}

async function centralDifferences(
  engines: EnginePair,
  { xs, run }: PrimitiveSample,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Results> {
  const forward = await engines.eager.compile(
    (_, given) => {
      const value = run(given);
      return { outputs: { value, weight: upstream(value.shape) } };
    },
    { name: 'forward', inputs: specs(inputs) },
  );
  const weightedSum = async (data: Record<string, HostTensor['data']>) => {
    const { value, weight } = await forward.run(data);
    return [...value!.data].reduce((sum, element, index) => sum + element * weight!.data[index]!, 0);
  };
  const arrays = Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data]));
  const results: Record<string, HostTensor> = {};
  for (const [name, x] of Object.entries(xs)) {
    const slopes = new Float32Array(x.data.length);
    for (let index = 0; index < slopes.length; index++) {
      const moved = (by: number) => x.data.map((value, at) => (at === index ? value + by : value)) as Float32Array;
      const above = await weightedSum({ ...arrays, [name]: moved(step) });
      const below = await weightedSum({ ...arrays, [name]: moved(-step) });
      slopes[index] = (above - below) / (2 * step);
    }
    results[name] = { ...x, data: slopes };
  }
  await forward.dispose();
  return results;
}

function specs(inputs: Readonly<Record<string, HostTensor>>) {
  return Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}
