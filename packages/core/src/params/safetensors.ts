/**
 * The safetensors format: named tensors and a few texts in one file, as the Hugging Face world stores weights. Reading
 * and writing are two files; this is their one door.
 */

export { readSafetensors, type SafetensorsContent } from './safetensors-reader.ts';
export { writeSafetensors, type WriteSafetensorsOptions } from './safetensors-writer.ts';
