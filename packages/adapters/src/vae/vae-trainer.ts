/**
 * Trains an AutoencoderKL from random weights, one batch at a time: the loss of `vaeLoss`, its gradients, AdamW and a
 * moving average of the weights as one compiled step, and from some step on a discriminator that is trained beside it.
 * Where pictures come from, and where weights go, is the caller's.
 */
import { createRandom } from '@transfuse/core';
import {
  type CompiledFunction,
  type Engine,
  type HostTensor,
  type TensorFunction,
  type TensorStore,
  TransfuseError,
} from '@transfuse/core/contracts';
import { initializeParameters } from '@transfuse/core/params';
import {
  averageDecayAt,
  type LearningRateConfig,
  learningRateAt,
  type OptimizerConfig,
} from '@transfuse/core/training';
import type { AutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { autoEncoderParameters } from './autoencoder-parameters.ts';
import { patchDiscriminatorParameters, patchGrid, type PatchDiscriminatorConfig } from './patch-discriminator.ts';
import { smallestPerceptualSide } from './perceptual-distance.ts';
import type { PerceptualNetwork } from './perceptual-folder.ts';
import { createTrainedNetwork, type TrainedNetwork } from './trained-network.ts';
import type { VaeLossWeights } from './vae-loss.ts';
import { adversarialStep, plainStep, type VaeStepParts } from './vae-train-step.ts';

/** Training against a discriminator of patches. */
export interface AdversarialOptions {
  /** The first step with it, from 1 on: the autoencoder should give rough pictures back by then. */
  readonly start: number;
  /** Default 0.5. */
  readonly weight?: number;
  /**
   * `adaptive` (the default) multiplies the weight with the ratio of the other losses' gradient to this one's in the
   * decoder's last layer; `fixed` takes it as it is.
   */
  readonly weighting?: 'adaptive' | 'fixed';
  readonly discriminator?: Omit<PatchDiscriminatorConfig, 'inChannels'>;
}

/** What a run is made of. */
export interface VaeTrainerOptions {
  readonly engine: Engine;
  /** The autoencoder; pictures are `sampleSize` pixels wide and high. */
  readonly config: AutoencoderKlConfig;
  /** Pictures per step. */
  readonly batch: number;
  readonly settings: OptimizerConfig & LearningRateConfig & { readonly seed: number; readonly averageDecay: number };
  readonly lossWeights?: VaeLossWeights;
  /** Compares pictures beyond their colours; default: nothing does. */
  readonly perceptual?: PerceptualNetwork;
  /** Default: no discriminator. */
  readonly adversarial?: AdversarialOptions;
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
  /** Mean perceptual distance, where there is a network for it. */
  readonly perceptual?: number;
  /** With a discriminator: the decoder's loss, which may be negative, */
  readonly adversarial?: number;
  /** what it was multiplied with, */
  readonly adversarialWeight?: number;
  /** and the discriminator's loss: 1 where it cannot tell, 0 where it always can. */
  readonly discriminator?: number;
}

/** A run in memory. */
export interface VaeTrainer {
  /** Does the next step. @param pixels `[batch, size, size, 3]` in [-1, 1]. Throws `training.diverged`. */
  step(pixels: Float32Array): Promise<VaeStepReport>;
  /** The moving average of the weights, copied: what a codec is made of. */
  weights(): Promise<Record<string, HostTensor>>;
  /** Releases the compiled steps and the stores; the engine stays the caller's. */
  dispose(): Promise<void>;
}

/** Of the discriminator's optimizer, as it was trained in latent diffusion. */
const discriminatorBetas = [0.5, 0.9] as const;

/**
 * Draws the first weights and compiles the steps.
 *
 * @throws `config.invalid` for pictures too small for the discriminator or the perceptual network, and for a start below 1
 */
export async function createVaeTrainer(options: VaeTrainerOptions): Promise<VaeTrainer> {
  const { engine, config, batch, settings, adversarial, perceptual } = options;
  checkSizes(options);
  const random = createRandom(`${settings.seed}/autoencoder`);
  const spec = autoEncoderParameters(config);
  const first = initializeParameters(spec, random.fork('parameters'));
  const autoencoder = createTrainedNetwork(engine, 'autoencoder', { spec, first, settings });
  const parts: VaeStepParts = { config, autoencoder, weights: options.lossWeights ?? {} };
  const network = perceptual && engine.createStore(perceptual.weights);
  const owned: { dispose(): void }[] = [autoencoder, ...(network ? [network] : [])];
  const noiseShape = latentShape(config, batch);
  const compile = (name: string, step: TensorFunction, trained: readonly TrainedNetwork[]) =>
    engine.compile(step, {
      name,
      inputs: {
        pixels: { shape: [batch, config.sampleSize, config.sampleSize, config.inChannels], dtype: 'float32' },
        noise: { shape: noiseShape, dtype: 'float32' },
        ...Object.assign({}, ...trained.map(({ inputs }) => inputs)),
      },
      stores: {
        ...(Object.assign({}, ...trained.map(({ stores }) => stores)) as Record<string, TensorStore>),
        ...(network && { perceptual: network }),
      },
      ...(network && { frozen: ['perceptual'] }),
    });

  const start = adversarial?.start ?? Infinity;
  const compiled: CompiledFunction[] = [];
  let plain: CompiledFunction | undefined;
  let judged: { readonly compiled: CompiledFunction; readonly discriminator: TrainedNetwork } | undefined;
  const release = async () => {
    await Promise.all(compiled.map((ready) => ready.dispose()));
    for (const part of owned) part.dispose();
  };
  try {
    if (start > 1) compiled.push((plain = await compile('train-autoencoder', plainStep(parts), [autoencoder])));
    if (adversarial !== undefined) {
      const judge = { ...adversarial.discriminator, inChannels: config.outChannels };
      const judgeSpec = patchDiscriminatorParameters(judge);
      const discriminator = createTrainedNetwork(engine, 'discriminator', {
        spec: judgeSpec,
        first: initializeParameters(judgeSpec, random.fork('discriminator')),
        settings: { ...settings, betas: discriminatorBetas },
      });
      owned.push(discriminator);
      const { weight = 0.5, weighting = 'adaptive' } = adversarial;
      const step = adversarialStep(parts, { discriminator, config: judge, weight, weighting });
      judged = {
        compiled: await compile('train-autoencoder-and-discriminator', step, [autoencoder, discriminator]),
        discriminator,
      };
      compiled.push(judged.compiled);
    }
  } catch (error) {
    await release();
    throw error;
  }
  const noises = random.fork('noise');
  let step = 0;

  return {
    async step(pixels) {
      const next = step + 1;
      const learningRate = learningRateAt(next, settings);
      const averageDecay = averageDecayAt(next, { decay: settings.averageDecay, warm: 'ramp' });
      const inputs = {
        pixels,
        noise: noises.fillNormal(new Float32Array(noiseShape.reduce((product, size) => product * size, 1))),
        ...autoencoder.feed({ step: next, learningRate, averageDecay }),
      };
      const outputs =
        next < start
          ? await plain!.run(inputs)
          : await judged!.compiled.run({
              ...inputs,
              ...judged!.discriminator.feed({ step: next - start + 1, learningRate, averageDecay }),
            });
      step = next;
      const numbers = Object.entries(outputs).map(([name, { data }]) => [name, data[0]!]);
      const report = { step, ...Object.fromEntries(numbers), learningRate } as VaeStepReport;
      if (!Number.isFinite(report.loss) || !Number.isFinite(report.gradientNorm)) throw diverged(report);
      return report;
    },
    weights: () => autoencoder.average(),
    dispose: release,
  };
}

function latentShape({ sampleSize, blockChannels, latentChannels }: AutoencoderKlConfig, batch: number): number[] {
  const side = sampleSize / 2 ** (blockChannels.length - 1);
  return [batch, side, side, latentChannels];
}

function checkSizes({ config, perceptual, adversarial }: VaeTrainerOptions): void {
  const { sampleSize, outChannels } = config;
  const invalid = (place: string, found: string, expected: string) =>
    new TransfuseError({ code: 'config.invalid', place, found, expected, mend: 'Correct it, or leave the term out.' });
  if (perceptual !== undefined && (sampleSize < smallestPerceptualSide || outChannels !== 3)) {
    const found = `pictures of ${sampleSize} pixels and ${outChannels} channels`;
    throw invalid('perceptual', found, `at least ${smallestPerceptualSide} pixels, and red, green and blue`);
  }
  if (adversarial === undefined) return;
  const { start, discriminator } = adversarial;
  if (!Number.isInteger(start) || start < 1) throw invalid('adversarial.start', String(start), 'a step, from 1 on');
  patchGrid(discriminator ?? {}, sampleSize);
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
