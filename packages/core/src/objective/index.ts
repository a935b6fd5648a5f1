export { lossInputs, type TransfusionLoss, transfusionLoss } from './transfusion-loss.ts';
export { errorScale, type Mixture, targetMixture, toEstimate } from './parametrisation.ts';
