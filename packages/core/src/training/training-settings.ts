/** The settings that training reads, every one decided; the host's resolved configuration fits. */
import type { PredictionType } from '../contracts/noise-schedule.ts';
import type { DocumentPolicy } from './document-stream.ts';
import type { LearningRateConfig } from './learning-rate.ts';
import type { OptimizerConfig } from './optimizer.ts';

/** Objective and optimization of a run; defaults and ranges stand at the configuration's fields of the same names. */
export interface TrainingSettings {
  readonly objective: DocumentPolicy & {
    readonly diffusionWeight: number;
    readonly prediction: PredictionType;
    readonly lossSpace: PredictionType;
    readonly minimumLossTime: number;
    readonly modalityWeights?: Readonly<Record<string, number>>;
  };
  readonly train: OptimizerConfig &
    LearningRateConfig & {
      readonly rows: number;
      readonly rowLength: number;
      readonly accumulate: number;
      readonly ema: { readonly decay: number; readonly warm: 'ramp' | 'none' };
      readonly seed: number;
    };
}
