/**
 * Runs the trainable half of a continuous adapter with made-up weights: `embed` on noisy latents, `predict` on hidden
 * states that are inputs of their own, so that both halves are seen apart, with the skips of `embed` between them.
 */
import { add, mul, sum, type Tensor, tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import type { Engine } from '../contracts/engine.ts';
import type { ContinuousAdapter } from '../contracts/modality-adapter.ts';
import type { ParameterSpec } from '../contracts/parameters.ts';
import type { HostTensor, NamedTensors } from '../contracts/tensors.ts';
import { insistGiven, noteReads } from './noted-reads.ts';
import { createRandom } from '../random/seeded-random.ts';

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** One latent shape to try an adapter on. */
export interface AdapterTrial {
  readonly adapter: ContinuousAdapter;
  readonly latentShape: readonly number[];
  readonly modelWidth: number;
  /** For sentences: `For a latent [8, 8, 3]`. */
  readonly where: string;
}

/** Arrays by name: parameters with the prefix `parameter.`, and `noisy`, `time`, `hidden`. */
export type TrialInputs = Readonly<Record<string, HostTensor>>;

/** Random inputs for a batch; item b is the same in every batch. */
export function trialInputs(
  { adapter, latentShape, modelWidth }: AdapterTrial,
  times: readonly number[],
): Record<string, HostTensor> {
  const tokens = sizeOf(adapter.tokenGrid(latentShape));
  const items = (label: string, shape: readonly number[]) => {
    const size = sizeOf(shape);
    const data = new Float32Array(times.length * size);
    for (let item = 0; item < times.length; item++) {
      createRandom(`${label}/${item}`).fillNormal(data.subarray(item * size, (item + 1) * size));
    }
    return float32([times.length, ...shape], data);
  };
  return {
    ...randomParameters(adapter.parameters(modelWidth)),
    noisy: items('noisy', latentShape),
    time: float32([times.length], Float32Array.from(times)),
    hidden: items('hidden', [tokens, modelWidth]),
  };
}

/** Weights of every sign, scaled by their number of inputs so that activations neither vanish nor explode. */
function randomParameters(spec: ParameterSpec): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, { shape, initializer }]) => {
      const data = createRandom(`parameter/${name}`).fillNormal(new Float32Array(sizeOf(shape)));
      const scale = shape.length < 2 ? 0.2 : 1 / Math.sqrt(sizeOf(shape.slice(0, -1)));
      const centre = initializer.kind === 'ones' ? 1 : 0;
      return [
        `parameter.${name}`,
        float32(
          shape,
          data.map((x) => centre + scale * x),
        ),
      ];
    }),
  );
}

function float32(shape: readonly number[], data: Float32Array): HostTensor {
  return { shape, data, dtype: 'float32' };
}

/** Both halves: `tokens` `[B, N, D]` and `prediction` `[B, ...latent]`. */
function bothHalves({ adapter, latentShape, where }: AdapterTrial, inputs: NamedTensors) {
  const params = Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) =>
      name.startsWith('parameter.') ? [[name.slice('parameter.'.length), value] as const] : [],
    ),
  );
  const [noisy, time, hidden] = [inputs['noisy']!, inputs['time']!, inputs['hidden']!];
  const undeclared = (half: string) => (name: string) =>
    `${where} ${half} reads the parameter ${JSON.stringify(name)}, which parameters does not declare; declare it, or read ${listed(params)}.`;
  const down = noteReads(params);
  const { tokens, skips } = insistGiven(() => adapter.embed(down.tensors, noisy, time), [[down, undeclared('embed')]]);
  const [up, around] = [noteReads(params), noteReads(skips)];
  const prediction = insistGiven(
    () => adapter.predict(up.tensors, hidden, time, around.tensors, latentShape),
    [
      [up, undeclared('predict')],
      [
        around,
        (name) =>
          `${where} predict reads the skip ${JSON.stringify(name)}, which embed does not give; return it in embed's skips, which now hold ${listed(skips)}.`,
      ],
    ],
  );
  return { tokens, prediction };
}

function listed(tensors: NamedTensors): string {
  const names = Object.keys(tensors).map((name) => JSON.stringify(name));
  return names.join(', ') || 'nothing';
}

/** A number that every output moves, each differently. */
function score(outputs: NamedTensors): Tensor {
  return Object.entries(outputs)
    .map(([name, value]) => {
      const weights = createRandom(`score/${name}`).fillNormal(new Float32Array(value.size));
      return sum(mul(value, tensor(weights, value.shape)));
    })
    .reduce((total, part) => add(total, part));
}

/** A result, copied out of the engine. */
export interface TrialOutput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a trial can compute. */
export type TrialFunction = 'outputs' | 'score' | 'gradients';

/** Runs a function of a trial on an engine; `gradients` are those of the score, by the inputs' names (not of `time`). */
export async function runTrial(
  engine: Engine,
  trial: AdapterTrial,
  what: TrialFunction,
  inputs: TrialInputs,
): Promise<Readonly<Record<string, TrialOutput>>> {
  const compiled = await engine.compile((_, fed) => ({ outputs: functions[what](trial, fed) }), {
    name: `${trial.adapter.modality}.${what}`,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, dtype }])),
  });
  try {
    const results = await compiled.run(
      Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data])),
    );
    return Object.fromEntries(
      Object.entries(results).map(([name, value]) => [
        name,
        { shape: value.shape, data: Float32Array.from(value.data) },
      ]),
    );
  } finally {
    await compiled.dispose();
  }
}

const functions: Readonly<Record<TrialFunction, (trial: AdapterTrial, inputs: NamedTensors) => NamedTensors>> = {
  outputs: bothHalves,
  score: (trial, inputs) => ({ score: score(bothHalves(trial, inputs)) }),
  gradients(trial, inputs) {
    const names = Object.keys(inputs).filter((name) => name !== 'time');
    const differentiate = valueAndGrads((...values: Tensor[]) => {
      const own = Object.fromEntries(names.map((name, index) => [name, values[index]!]));
      // What nothing depends on has no gradient at all; the zeros give it one of 0.
      const zeros = values.map((value) => sum(mul(value, 0)));
      return [score(bothHalves(trial, { ...inputs, ...own })), ...zeros].reduce((a, b) => add(a, b)) as never;
    });
    const { grads } = differentiate(names.map((name) => inputs[name]!));
    return Object.fromEntries(names.map((name, index) => [name, grads[index]!]));
  },
};
