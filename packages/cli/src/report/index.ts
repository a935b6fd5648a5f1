export { createStopwatch, describeMachine, describeModel, describeSettings, type Stopwatch } from './run-facts.ts';
export { renderReport } from './render-report.ts';
export { sampleTrainingReport } from './sample-training-report.ts';
export type {
  ReportCaption,
  ReportDrawing,
  ReportHeldOutDrawing,
  ReportLoss,
  ReportMachine,
  ReportProgressGrid,
  ReportSample,
  ReportScore,
  ReportValue,
  TrainingReport,
} from './training-report.ts';
export { writeReport } from './write-report.ts';
