export { createStopwatch, describeMachine, describeModel, describeSettings, type Stopwatch } from './run-facts.ts';
export type {
  ReportCaption,
  ReportHeldOutDrawing,
  ReportLoss,
  ReportProgressGrid,
  ReportSample,
  ReportScore,
  ReportValue,
  TrainingReport,
} from './training-report.ts';
export { writeReport } from './write-report.ts';
