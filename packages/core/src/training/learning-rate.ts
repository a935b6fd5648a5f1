/** Learning rate over a run: linear warm-up, then a cosine down to a floor (Loshchilov and Hutter 2017). */
export interface LearningRateConfig {
  readonly steps: number;
  readonly warmup: number;
  readonly learningRate: number;
  /** The floor as a share of `learningRate`; the paper: 1.5e-5 / 3e-4 = 0.05. */
  readonly finalLearningRateRatio: number;
}

/** The rate of step 1, 2, …, `steps`. */
export function learningRateAt(step: number, config: LearningRateConfig): number {
  const { steps, warmup, learningRate, finalLearningRateRatio: floor } = config;
  if (step <= warmup) return (learningRate * step) / Math.max(1, warmup);
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return learningRate * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
}

/** Decay of the moving average at a step: ramped up as (1 + step) / (10 + step), so that early weights are forgotten. */
export function averageDecayAt(
  step: number,
  { decay, warm }: { readonly decay: number; readonly warm: 'ramp' | 'none' },
): number {
  return warm === 'none' ? decay : Math.min(decay, (1 + step) / (10 + step));
}
