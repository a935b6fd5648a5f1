/**
 * Trains an AutoencoderKL from random weights, one batch at a time: the loss of `vaeLoss`, its gradients, AdamW and a
 * moving average of the weights as one compiled step. Where pictures come from, and where weights go, is the caller's.
 */
import { keep, type Scalar, type Tensor, valueAndGrads } from '@tensorflow/tfjs-core';
import { createRandom } from '@transfuse/core';
import {
  type Engine,
  type HostTensor,
  type NamedTensors,
  type ParameterSpec,
  type TensorFunction,
  TransfuseError,
} from '@transfuse/core/contracts';
import { initializeParameters } from '@transfuse/core/params';
import {
  adamW,
  averageDecayAt,
  type LearningRateConfig,
  learningRateAt,
  type OptimizerConfig,
} from '@transfuse/core/training';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { type VaeLoss, vaeLoss, type VaeLossWeights } from './vae-loss.ts';

/** What a run is made of. */
export interface VaeTrainerOptions {
  readonly engine: Engine;
  /** The autoencoder; pictures are `sampleSize` pixels wide and high. */
  readonly config: AutoencoderKlConfig;
  /** Pictures per step. */
  readonly batch: number;
  readonly settings: OptimizerConfig & LearningRateConfig & { readonly seed: number; readonly averageDecay: number };
  readonly lossWeights?: VaeLossWeights;
}

/** The numbers of one step. */
export interface VaeStepReport {
  readonly step: number;
  /** The weighted sum that is minimized. */
  readonly loss: number;
  /** Mean absolute error of a colour, of a range of 2. */
  readonly reconstruction: number;
  /** Nats per number of the picture. */
  readonly divergence: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** A run in memory. */
export interface VaeTrainer {
  /** Does the next step. @param pixels `[batch, size, size, 3]` in [-1, 1]. Throws `training.diverged`. */
  step(pixels: Float32Array): Promise<VaeStepReport>;
  /** The moving average of the weights, copied: what a codec is made of. */
  weights(): Promise<Record<string, HostTensor>>;
  /** Releases the compiled step and the stores; the engine stays the caller's. */
  dispose(): Promise<void>;
}

const scalarNames = ['learningRate', 'firstCorrection', 'secondCorrection', 'averageDecay'] as const;

/** Draws the first weights and compiles the step. */
export async function createVaeTrainer(options: VaeTrainerOptions): Promise<VaeTrainer> {
  const { engine, config, batch, settings } = options;
  const spec = autoEncoderParameters(config);
  const random = createRandom(`${settings.seed}/autoencoder`);
  const first = initializeParameters(spec, random.fork('parameters'));
  const zeros = Object.fromEntries(
    Object.entries(first).map(([name, tensor]) => [name, { ...tensor, data: new Float32Array(tensor.data.length) }]),
  );
  const stores = {
    parameters: engine.createStore(first),
    first: engine.createStore(zeros),
    second: engine.createStore(zeros),
    average: engine.createStore(first),
  };
  const side = config.sampleSize;
  const latentSide = side / 2 ** (config.blockChannels.length - 1);
  const noiseShape = [batch, latentSide, latentSide, config.latentChannels];
  const pixelShape = [batch, side, side, config.inChannels];
  const releaseStores = () => Object.values(stores).forEach((store) => store.dispose());
  const compiled = await engine
    .compile(trainStep(spec, options), {
      name: 'train-autoencoder',
      inputs: {
        pixels: { shape: pixelShape, dtype: 'float32' },
        noise: { shape: noiseShape, dtype: 'float32' },
        ...Object.fromEntries(scalarNames.map((name) => [name, { shape: [], dtype: 'float32' as const }])),
      },
      stores,
    })
    .catch((error: unknown) => {
      releaseStores();
      throw error;
    });
  const noises = random.fork('noise');
  let step = 0;

  return {
    async step(pixels) {
      const next = step + 1;
      const learningRate = learningRateAt(next, settings);
      const [beta1, beta2] = settings.betas;
      const outputs = await compiled.run({
        pixels,
        noise: noises.fillNormal(new Float32Array(noiseShape.reduce((product, size) => product * size, 1))),
        learningRate: Float32Array.of(learningRate),
        firstCorrection: Float32Array.of(1 / (1 - beta1 ** next)),
        secondCorrection: Float32Array.of(1 / (1 - beta2 ** next)),
        averageDecay: Float32Array.of(averageDecayAt(next, { decay: settings.averageDecay, warm: 'ramp' })),
      });
      step = next;
      const number = (name: string) => outputs[name]!.data[0]!;
      const report = {
        step,
        loss: number('loss'),
        reconstruction: number('reconstruction'),
        divergence: number('divergence'),
        gradientNorm: number('gradientNorm'),
        learningRate,
      };
      if (!Number.isFinite(report.loss) || !Number.isFinite(report.gradientNorm)) throw diverged(report);
      return report;
    },
    async weights() {
      const names = Object.keys(spec);
      const tensors = await Promise.all(names.map((name) => stores.average.read(name)));
      return Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
    },
    async dispose() {
      await compiled.dispose();
      releaseStores();
    },
  };
}

/** Loss, gradients and update in one function. */
function trainStep(spec: ParameterSpec, { config, settings, lossWeights }: VaeTrainerOptions): TensorFunction {
  const names = Object.keys(spec);
  return (stores, inputs) => {
    const state = {
      parameters: stores['parameters']!,
      first: stores['first']!,
      second: stores['second']!,
      average: stores['average']!,
    };
    const batch = { pixels: inputs['pixels']!, noise: inputs['noise']! };
    let parts: VaeLoss | undefined;
    const differentiate = valueAndGrads((...tensors: Tensor[]) => {
      const params: NamedTensors = Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
      parts = vaeLoss(params, config, batch, lossWeights);
      keep(parts.reconstruction); // outlives the differentiated function
      keep(parts.divergence);
      return parts.loss as Scalar;
    });
    const { value, grads } = differentiate(names.map((name) => state.parameters[name]!));
    const owned = (tensor: Tensor): Tensor => {
      const copy = tensor.clone();
      tensor.dispose();
      return copy;
    };
    const gradients = Object.fromEntries(names.map((name, index) => [name, grads[index]!]));
    const [learningRate, firstCorrection, secondCorrection, averageDecay] = scalarNames.map((name) => inputs[name]!);
    const { gradientNorm, ...updates } = adamW(spec, settings, state, gradients, {
      learningRate: learningRate!,
      firstCorrection: firstCorrection!,
      secondCorrection: secondCorrection!,
      averageDecay: averageDecay!,
    });
    const outputs = {
      loss: value,
      reconstruction: owned(parts!.reconstruction),
      divergence: owned(parts!.divergence),
      gradientNorm,
    };
    return { outputs, updates };
  };
}

function diverged({ step, loss, gradientNorm }: VaeStepReport): TransfuseError {
  return new TransfuseError({
    code: 'training.diverged',
    place: `step ${step}`,
    found: `a loss of ${loss} with a gradient norm of ${gradientNorm}`,
    expected: 'finite numbers',
    mend: 'Lower the learning rate or the largest gradient norm, and train again.',
  });
}
