export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
export {
  type BlockNoise,
  createDocumentStream,
  type DocumentPolicy,
  type DocumentStream,
  type TrainingDocument,
} from './document-stream.ts';
export { type LossAccountEntry, lossAccount } from './loss-account.ts';
export { createJsonLinesSink, type MetricsSink, type MetricsSinkOptions } from './metrics/metrics-writer.ts';
export { createTensorBoardSink } from './metrics/tensorboard-events.ts';
export { averageDecayAt, type LearningRateConfig, learningRateAt } from './learning-rate.ts';
export { adamW, type OptimizerConfig, type OptimizerUpdate, type StepScalars } from './optimizer.ts';
export type { TrainingBatch } from './training-batch.ts';
export type { StepReport, StoreName } from './step-runner.ts';
export { createTrainer, type Trainer, type TrainerOptions, type TrainerState } from './trainer.ts';
export type { TrainingSettings } from './training-settings.ts';
export { type AtomicFolderOptions, writeFolderAtomically } from './atomic-folder.ts';
export type { FolderOperations } from './folder-operations.ts';
export { readFolderWhole } from './whole-folder.ts';
