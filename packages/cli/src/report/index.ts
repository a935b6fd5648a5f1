export { renderReport } from './render-report.ts';
export { sampleTrainingReport } from './sample-training-report.ts';
export type {
  ReportCaption,
  ReportDrawing,
  ReportHeldOutDrawing,
  ReportLoss,
  ReportMachine,
  ReportProgressGrid,
  ReportScore,
  TrainingReport,
} from './training-report.ts';
export { writeReport } from './write-report.ts';
