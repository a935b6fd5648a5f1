/**
 * Trains a model step by step: owns the stores and the compiled step, takes batches from the document stream, and can
 * say and take up its whole state. Loops, files and progress bars are other people's business.
 */
import type { Engine, TensorStore } from '../contracts/engine.ts';
import type { DatasetSplit } from '../contracts/dataset.ts';
import type { LossWeighting } from '../contracts/loss-weighting.ts';
import type { NoiseSchedule } from '../contracts/noise-schedule.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { initializeParameters, zeroParameters } from '../params/initialize-parameters.ts';
import { createRandom } from '../random/seeded-random.ts';
import type { BatchShape } from '../sequence/pack-rows.ts';
import { surveyBatchShape } from './batch-shape.ts';
import { createDocumentStream } from './document-stream.ts';
import { averageDecayAt, learningRateAt } from './learning-rate.ts';
import { type LossAccountEntry, lossAccount } from './loss-account.ts';
import { compileStep, type RanBatch, type StepReport, type StoreName } from './step-runner.ts';
import { nextBatch } from './training-batch.ts';
import type { TrainingSettings } from './training-settings.ts';

/** What a trainer is made of. */
export interface TrainerOptions {
  readonly engine: Engine;
  readonly model: TransfusionModel;
  readonly split: DatasetSplit;
  readonly schedule: NoiseSchedule;
  /** Weighs blocks by their noise level; default: all alike. */
  readonly weighting?: LossWeighting | undefined;
  readonly settings: TrainingSettings;
  /** Takes up an earlier run. */
  readonly resume?: TrainerState;
}

/** Everything needed to continue a run exactly. */
export interface TrainerState {
  /** Steps done. */
  readonly step: number;
  /** Number of the next document of the stream. */
  readonly nextDocument: number;
  readonly batchShape: BatchShape;
  /** Arrays of each store by parameter name. */
  readonly stores: Readonly<Record<StoreName, Readonly<Record<string, HostTensor>>>>;
}

const storeNames = ['parameters', 'first', 'second', 'average'] as const satisfies readonly StoreName[];

/** A training run in memory. */
export interface Trainer {
  readonly batchShape: BatchShape;
  /** The moving average of the weights, live: what samples are drawn from. */
  readonly average: TensorStore;
  /** Does the next step. Throws `training.diverged` where the loss is not finite. */
  step(): Promise<StepReport>;
  /** The account of the last step's losses (its last batch, where gradients are accumulated). */
  account(): readonly LossAccountEntry[];
  /** Everything needed to continue the run exactly, copied. */
  state(): Promise<TrainerState>;
  /** Releases the compiled step and the stores. */
  dispose(): Promise<void>;
}

/** Prepares a run: surveys the data, draws or takes up weights, compiles the step. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const { engine, model, schedule, settings, resume } = options;
  const { train, objective } = settings;
  const { seed } = train;
  const stream = createDocumentStream({ split: options.split, model, schedule, policy: objective, seed });
  const batchShape = resume?.batchShape ?? (await surveyBatchShape(stream, model, train));
  const values = resume?.stores ?? freshStores(model, seed);
  const stores = Object.fromEntries(
    storeNames.map((name) => [name, engine.createStore(inOrder(model, values[name]))]),
  ) as Record<StoreName, TensorStore>;
  const runner = await compileStep(engine, model, batchShape, settings, stores);

  let step = resume?.step ?? 0;
  let nextDocument = resume?.nextDocument ?? 0;
  let last: RanBatch | undefined;

  const draw = async () => {
    const batch = await nextBatch(stream, nextDocument, batchShape, {
      ...objective,
      schedule,
      weighting: options.weighting,
    });
    nextDocument = batch.next;
    return batch;
  };

  return {
    batchShape,
    average: stores.average,
    async step() {
      const next = step + 1;
      const before = nextDocument;
      const learningRate = learningRateAt(next, train);
      const scalars = {
        learningRate: Float32Array.of(learningRate),
        firstCorrection: Float32Array.of(1 / (1 - train.betas[0] ** next)),
        secondCorrection: Float32Array.of(1 / (1 - train.betas[1] ** next)),
        averageDecay: Float32Array.of(averageDecayAt(next, train.ema)),
      };
      const result = await runner.run(draw, scalars).catch((error: unknown) => {
        nextDocument = before; // the step was not done: it will see the same documents
        throw error;
      });
      step = next;
      last = result.last;
      const report = { step, learningRate, ...result.numbers };
      if (!Number.isFinite(report.total) || !Number.isFinite(report.gradientNorm)) throw diverged(report);
      return report;
    },
    account: () => (last === undefined ? [] : lossAccount(last.batch, last.outputs, objective)),
    async state() {
      const arrays = async (store: TensorStore) =>
        Object.fromEntries(
          await Promise.all(Object.keys(store.specs).map(async (name) => [name, await store.read(name)] as const)),
        );
      const [parameters, first, second, average] = await Promise.all(storeNames.map((name) => arrays(stores[name])));
      return {
        step,
        nextDocument,
        batchShape,
        stores: { parameters: parameters!, first: first!, second: second!, average: average! },
      };
    },
    async dispose() {
      await runner.dispose();
      for (const store of Object.values(stores)) store.dispose();
    },
  };
}

function freshStores(model: TransfusionModel, seed: number): TrainerState['stores'] {
  const parameters = initializeParameters(model.parameters, createRandom(`${seed}/parameters`));
  return {
    parameters,
    average: parameters,
    first: zeroParameters(model.parameters),
    second: zeroParameters(model.parameters),
  };
}

function inOrder(model: TransfusionModel, arrays: Readonly<Record<string, HostTensor>>): Record<string, HostTensor> {
  return Object.fromEntries(Object.keys(model.parameters).map((name) => [name, arrays[name]!]));
}

function diverged(report: StepReport): TransfuseError {
  return new TransfuseError({
    code: 'training.diverged',
    place: `step ${report.step}`,
    found: `a loss of ${report.total} with a gradient norm of ${report.gradientNorm}`,
    expected: 'finite numbers',
    mend: 'Lower train.learningRate or train.clip, raise train.warmup, and resume from the last checkpoint.',
  });
}
