export { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
export { createDocumentStream, type DocumentPolicy, type DocumentStream } from './document-stream.ts';
export { type LossAccountEntry, lossAccount } from './loss-account.ts';
export { createJsonLinesSink, type MetricsSink, type MetricsSinkOptions } from './metrics/metrics-writer.ts';
export { createTensorBoardSink } from './metrics/tensorboard-events.ts';
export { createTrainer, type StepReport, type Trainer, type TrainerOptions, type TrainerState } from './trainer.ts';
export type { TrainingSettings } from './training-settings.ts';
export { writeFolderAtomically } from './atomic-folder.ts';
export { readFolderWhole } from './whole-folder.ts';
