// The settings of every training that is timed: the demo's objective, AdamW with clipping and a moving average.

/** Settings for batches of `rows` rows of `rowLength` positions. */
export const trainSettings = (rows, rowLength) => ({
  objective: {
    captionFirst: 0.8,
    captionDropout: 0,
    imageFirstTimeCap: 0.5,
    diffusionWeight: 5,
    prediction: 'sample',
    lossSpace: 'velocity',
    minimumLossTime: 0.05,
  },
  train: {
    betas: [0.9, 0.95],
    epsilon: 1e-8,
    weightDecay: 0.1,
    clip: 1,
    steps: 1e6,
    warmup: 10,
    learningRate: 3e-4,
    finalLearningRateRatio: 0.05,
    rows,
    rowLength,
    accumulate: 1,
    ema: { decay: 0.999, warm: 'ramp' },
    seed: 0,
  },
});
