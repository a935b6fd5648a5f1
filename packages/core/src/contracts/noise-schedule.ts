/** What the network is asked to predict: the added noise, the clean sample, or the velocity of the path between them. */
export type PredictionType = 'epsilon' | 'sample' | 'velocity';

/**
 * The forward process at one time: `noisy = alpha * clean + sigma * noise`, and the schedule's own velocity
 * `velocity.clean * clean + velocity.noise * noise` (flow matching: `noise - clean`; variance-preserving diffusion:
 * `alpha * noise - sigma * clean`, Salimans and Ho 2022).
 */
export interface NoiseLevel {
  readonly alpha: number;
  readonly sigma: number;
  readonly velocity: { readonly clean: number; readonly noise: number };
}

/**
 * A forward process from data (time 0) to noise (time 1). Plain numbers, no tensors: the training graph is fed
 * {@link NoiseLevel}s per image, so one compiled step serves every schedule.
 */
export interface NoiseSchedule {
  readonly name: string;
  /** The number of discrete timesteps (the paper: 1000), or undefined for continuous time. */
  readonly timesteps?: number;
  /** The forward process at a time in [0, 1]. A discrete schedule takes the nearest timestep at `time * timesteps`. */
  at(time: number): NoiseLevel;
  /** Maps a uniform number in [0, 1) (and more of them, on demand) to a training time in [0, 1]. */
  sampleTime(uniform: () => number): number;
  /** The settings this schedule was created with, for `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
}
