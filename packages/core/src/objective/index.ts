export { lossInputs, type TransfusionLoss, transfusionLoss } from './transfusion-loss.ts';
export { errorScale, targetMixture, toEstimate } from './parametrisation.ts';
