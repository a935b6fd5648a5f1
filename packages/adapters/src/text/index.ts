export { type ByteLevelBpeFile, type ByteLevelBpeOptions, trainByteLevelBpe } from './byte-level-bpe-trainer.ts';
export { huggingFaceText, type HuggingFaceTextConfig } from './hugging-face-text.ts';
export { text } from './text-plugin.ts';
export type { TokenizerFile } from './tokenizer-file.ts';
