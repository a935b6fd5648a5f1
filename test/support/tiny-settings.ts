/** Training settings for tiny models: a few dozen steps of small batches, everything random decided by the seed. */
import type { TrainingSettings } from '../../packages/core/src/training/training-settings.ts';

/** Sixty steps of two rows of forty positions, judged by the clean sample; anything may be changed. */
export function tinySettings(
  train: Partial<TrainingSettings['train']> = {},
  objective: Partial<TrainingSettings['objective']> = {},
): TrainingSettings {
  return {
    objective: {
      captionFirst: 0.8,
      captionDropout: 0.1,
      imageFirstTimeCap: 0.5,
      diffusionWeight: 5,
      prediction: 'sample',
      lossSpace: 'sample',
      minimumLossTime: 0.05,
      ...objective,
    },
    train: {
      steps: 60,
      rows: 2,
      rowLength: 40,
      accumulate: 1,
      learningRate: 1e-2,
      finalLearningRateRatio: 0.05,
      warmup: 5,
      betas: [0.9, 0.95],
      epsilon: 1e-8,
      weightDecay: 0.1,
      clip: 1,
      ema: { decay: 0.99, warm: 'ramp' },
      seed: 3,
      ...train,
    },
  };
}
