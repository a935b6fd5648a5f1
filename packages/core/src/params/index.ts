export { countParameters, initializeParameters } from './initialize-parameters.ts';
export {
  readSafetensors,
  type SafetensorsContent,
  writeSafetensors,
  type WriteSafetensorsOptions,
} from './safetensors.ts';
