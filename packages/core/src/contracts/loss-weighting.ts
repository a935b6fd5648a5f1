import type { NoiseLevel, PredictionType } from './noise-schedule.ts';

/** How much the squared error of a block counts at a noise level. It takes the place of a loss space. */
export interface LossWeighting {
  readonly name: string;
  /** The factor for an error taken in `prediction`'s parametrisation; finite, at least 0. */
  weight(level: NoiseLevel, prediction: PredictionType): number;
  /** The settings this weighting was created with. */
  readonly config: Readonly<Record<string, unknown>>;
}
