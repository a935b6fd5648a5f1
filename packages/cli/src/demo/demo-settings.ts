/**
 * What the demo trains and draws. The recipe is the one measured to learn most in minutes on two cores: flow matching,
 * the network predicts the clean picture, the loss is taken on the velocity it implies, sixteen tokens per picture.
 */
import type { TransfuseConfig } from '@transfuse/core';

/** How large a demo to run. */
export interface DemoScale {
  readonly name: 'full' | 'quick';
  readonly model: TransfuseConfig['model'];
  readonly rows: number;
  /** Seconds that training may take; the number of steps is chosen to fit. */
  readonly trainingSeconds: number;
  readonly maximumSteps: number;
  /** How often the same captions are drawn while training. */
  readonly progressGrids: number;
  readonly samplerSteps: number;
  /** Pictures captioned per split. */
  readonly captionsPerSplit: number;
}

/** The demo as `npm run demo` runs it, and the smoke run of `--quick`. */
export const demoScales: Readonly<Record<DemoScale['name'], DemoScale>> = {
  full: {
    name: 'full',
    model: { width: 192, depth: 6, heads: 4, feedForwardWidth: 512, sequenceLength: 256 },
    rows: 6,
    trainingSeconds: 475,
    maximumSteps: 4000,
    progressGrids: 6,
    samplerSteps: 40,
    captionsPerSplit: 24,
  },
  quick: {
    name: 'quick',
    model: { width: 96, depth: 3, heads: 4, sequenceLength: 256 },
    rows: 6,
    trainingSeconds: 18,
    maximumSteps: 200,
    progressGrids: 2,
    samplerSteps: 12,
    captionsPerSplit: 4,
  },
};

/** The demo's configuration for a number of steps. */
export function demoConfig(
  scale: DemoScale,
  { steps, seed }: { readonly steps: number; readonly seed: number },
): TransfuseConfig {
  return {
    data: { name: 'emoji', size: 32, subset: 'compositional', captions: 'canonical' },
    model: scale.model,
    modalities: {
      text: { adapter: 'bpe', vocabularySize: 448 },
      image: { adapter: 'linear-patch', size: 32, patchSize: 8 },
    },
    objective: {
      schedule: { name: 'flow-matching', time: 'logit-normal' },
      prediction: 'sample',
      lossSpace: 'velocity',
      diffusionWeight: 5,
    },
    sampling: { sampler: { name: 'euler' }, steps: scale.samplerSteps, guidance: 2 },
    train: {
      steps,
      rows: scale.rows,
      rowLength: 128,
      learningRate: 1.2e-3,
      warmup: Math.min(100, Math.ceil(steps / 10)),
      weightDecay: 0.05,
      ema: { decay: 0.995 },
      seed,
      checkpointEvery: 500,
      logEvery: 5,
      sampleEvery: Math.max(1, Math.floor(steps / scale.progressGrids)),
    },
  };
}

/** Captions drawn again and again while training goes on. */
export const progressCaptions: readonly string[] = [
  'red heart, noto style',
  'green circle, twemoji style',
  'yellow square, noto style',
  'six o’clock, noto style',
  'keycap 5, fluent-flat style',
  'right arrow, twemoji style',
];

/** Captions from the training data, drawn at the end beside the real pictures. */
export const trainedCaptions: readonly string[] = [
  'red heart, noto style',
  'black heart, twemoji style',
  'light blue heart, fluent-flat style',
  'purple heart, fluent-3d style',
  'green circle, twemoji style',
  'purple circle, fluent-flat style',
  'yellow square, noto style',
  'blue square, twemoji style',
  'six o’clock, noto style',
  'three o’clock, twemoji style',
  'nine-thirty, noto style',
  'right arrow, twemoji style',
  'keycap 5, fluent-flat style',
  'leo, noto style',
];
