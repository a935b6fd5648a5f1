/**
 * The compiled half of a trainer: draws batches and runs them through the compiled step, which is one function, or two
 * where gradients are accumulated over several batches.
 */
import type { CompiledFunction, Engine, TensorStore } from '../contracts/engine.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { lossInputs } from '../objective/transfusion-loss.ts';
import { zeroParameters } from '../params/initialize-parameters.ts';
import type { BatchShape } from '../sequence/pack-rows.ts';
import { createModalityLosses } from './modality-losses.ts';
import { applyGradients, collectGradients, stepScalarInputs, trainStep } from './train-step.ts';
import type { TrainingBatch } from './training-batch.ts';
import type { TrainingSettings } from './training-settings.ts';

/** Weights, Adam's first and second moments, and the moving average of the weights. */
export type StoreName = 'parameters' | 'first' | 'second' | 'average';

/** The numbers of one step. */
export interface StepReport {
  readonly step: number;
  readonly total: number;
  /** Mean next-token loss in nats. */
  readonly text: number;
  /** Mean diffusion loss, in the loss space, without lambda. */
  readonly diffusion: number;
  /** The same of every continuous modality that the step had, by its name, over its own blocks. */
  readonly diffusionOf: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Positions trained on, padding left out. */
  readonly tokens: number;
  readonly documents: number;
}

/** A batch and what the compiled step said of it. */
export interface RanBatch {
  readonly batch: TrainingBatch;
  readonly outputs: Readonly<Record<string, HostTensor>>;
}

/** Does steps. */
export interface StepRunner {
  /** One step: batches from `draw`, then the update with these numbers. */
  run(
    draw: () => Promise<TrainingBatch>,
    scalars: Readonly<Record<string, HostTensor['data']>>,
  ): Promise<{
    readonly numbers: Omit<StepReport, 'step' | 'learningRate'>;
    readonly last: RanBatch;
  }>;
  dispose(): Promise<void>;
}

/** Compiles the step for the usual shape of batches, and for larger ones when they come. */
export async function compileStep(
  engine: Engine,
  model: TransfusionModel,
  usualShape: BatchShape,
  { train, objective }: TrainingSettings,
  stores: Readonly<Record<StoreName, TensorStore>>,
): Promise<StepRunner> {
  const { accumulate } = train;
  const number = (outputs: Readonly<Record<string, HostTensor>>, name: string) => outputs[name]!.data[0]!;
  if (accumulate === 1) {
    const steps = await compileByShape(usualShape, (shape) =>
      engine.compile(trainStep(model, shape, { ...objective, optimizer: train }), {
        name: 'train-step',
        inputs: { ...lossInputs(shape), ...stepScalarInputs },
        stores,
      }),
    );
    return {
      async run(draw, scalars) {
        const batch = await draw();
        const compiled = await steps.of(batch.packed.shape);
        const outputs = await compiled.run({ ...batch.feeds, ...scalars });
        const losses = createModalityLosses();
        losses.add(batch, outputs);
        return {
          numbers: {
            total: number(outputs, 'total'),
            text: number(outputs, 'text'),
            diffusion: number(outputs, 'diffusion'),
            diffusionOf: losses.means(),
            gradientNorm: number(outputs, 'gradientNorm'),
            tokens: batch.tokens,
            documents: batch.packed.documents,
          },
          last: { batch, outputs: copied(outputs) },
        };
      },
      dispose: steps.dispose,
    };
  }
  const zeros = zeroParameters(model.parameters);
  const gradients = engine.createStore(zeros);
  const options = { ...objective, share: 1 / accumulate };
  const [collect, apply] = await Promise.all([
    compileByShape(usualShape, (shape) =>
      engine.compile(collectGradients(model, shape, options), {
        name: 'collect-gradients',
        inputs: lossInputs(shape),
        stores: { parameters: stores.parameters, gradients },
      }),
    ),
    engine.compile(applyGradients(model, { optimizer: train }), {
      name: 'apply-gradients',
      inputs: stepScalarInputs,
      stores: { ...stores, gradients },
    }),
  ]);
  return {
    async run(draw, scalars) {
      const sums = { total: 0, text: 0, diffusion: 0, tokens: 0, documents: 0 };
      const losses = createModalityLosses();
      let last: RanBatch | undefined;
      try {
        for (let part = 0; part < accumulate; part++) {
          const batch = await draw();
          const outputs = await (await collect.of(batch.packed.shape)).run(batch.feeds);
          for (const name of ['total', 'text', 'diffusion'] as const) sums[name] += number(outputs, name) / accumulate;
          sums.tokens += batch.tokens;
          sums.documents += batch.packed.documents;
          losses.add(batch, outputs);
          last = { batch, outputs: copied(outputs) };
        }
      } catch (error) {
        // The step was not done: what its first batches left must not be counted in the next one.
        for (const [name, zero] of Object.entries(zeros)) gradients.write(name, zero);
        throw error;
      }
      const applied = await apply.run(scalars);
      const numbers = {
        ...sums,
        diffusionOf: losses.means(),
        gradientNorm: number(applied, 'gradientNorm'),
      };
      return { numbers, last: last! };
    },
    async dispose() {
      await Promise.all([collect.dispose(), apply.dispose()]);
      gradients.dispose();
    },
  };
}

/** Outputs for later: the engine writes into its arrays again. */
function copied(outputs: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  return Object.fromEntries(Object.entries(outputs).map(([name, of]) => [name, { ...of, data: of.data.slice() }]));
}

/** A function compiled for the usual shape at once, and for any other when it is first asked for. */
async function compileByShape(usual: BatchShape, compile: (shape: BatchShape) => Promise<CompiledFunction>) {
  const key = (shape: BatchShape) => JSON.stringify(shape);
  const compiled = new Map([[key(usual), await compile(usual)]]);
  return {
    async of(shape: BatchShape): Promise<CompiledFunction> {
      const known = compiled.get(key(shape));
      if (known !== undefined) return known;
      const fresh = await compile(shape);
      compiled.set(key(shape), fresh);
      return fresh;
    },
    async dispose() {
      await Promise.all([...compiled.values()].map((one) => one.dispose()));
    },
  };
}
