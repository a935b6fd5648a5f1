/**
 * Every code a {@link TransfuseError} can carry, with the sentence that says when it is raised. Codes are stable: a
 * caller may switch on them. `docs/errors.md` lists the same table and a test keeps the two equal.
 */
export const errorCodes = {
  'config.invalid': 'A configuration field is missing, misspelt or out of range.',
  'config.not-found': 'A configuration file does not exist.',
  'config.unreadable': 'A configuration file cannot be parsed or does not export a configuration.',
  'plugin.manifest-invalid': 'A plugin manifest breaks its schema.',
  'plugin.api-mismatch': 'A plugin asks for another version of the plugin API.',
  'plugin.duplicate': 'Two plugins of one host carry the same name.',
  'plugin.missing': 'A plugin that another one needs, or that a configuration names, is not installed.',
  'plugin.failed': 'A plugin threw while it was registered, set up or disposed of.',
  'plugin.config-invalid': 'The configuration of a plugin breaks the schema in its manifest.',
  'contribution.missing': 'Nothing of that kind is registered under that name.',
  'contribution.duplicate': 'Two plugins contribute the same kind under the same name.',
  'host.disposed': 'A host, model or engine was used after it was disposed of.',
  'engine.unavailable': 'The chosen engine cannot run on this machine.',
  'engine.untraceable': 'A tensor function does something that cannot be compiled.',
  'engine.unsupported-op': 'A TensorFlow.js kernel has no compiled counterpart.',
  'engine.feed-mismatch': 'A compiled function was fed a missing, unknown or wrongly shaped tensor.',
  'engine.failed': 'The runtime failed while compiling or running a function.',
  'tensor-file.malformed': 'A safetensors file is truncated, inconsistent or not a safetensors file.',
  'tensor-file.unsupported-dtype': 'A safetensors file holds an element type this reader does not know.',
  'file.unwritable': 'A file or folder cannot be written or replaced.',
  'checkpoint.not-found': 'A checkpoint folder does not exist or lacks a file.',
  'checkpoint.invalid': 'A checkpoint’s files contradict each other.',
  'tokenizer.invalid': 'A tokenizer file cannot be read.',
  'tokenizer.mismatch': 'A tokenizer does not fit the model it is used with.',
  'tokenizer.unknown-text': 'A text cannot be represented by the tokenizer.',
  'image.not-found': 'An image file does not exist.',
  'image.undecodable': 'A file is not an image that can be decoded.',
  'image.unwritable': 'An image cannot be written to that place or in that format.',
  'image.unsupported-size': 'An image has a size the adapter cannot cut into patches.',
  'sequence.too-long': 'A document or a prompt does not fit the model’s sequence length.',
  'sequence.invalid': 'Segments cannot be laid out as a sequence.',
  'generation.invalid-option': 'A generation option is out of range.',
  'generation.invalid-state': 'A stored denoising state is damaged or belongs to another run.',
  'generation.aborted': 'Generation was stopped by its AbortSignal.',
  'training.aborted': 'Training was stopped by its AbortSignal.',
  'training.diverged': 'The loss became NaN or infinite.',
  'dataset.unavailable': 'A data set cannot be prepared.',
  'dataset.aborted': 'Preparing a data set was stopped by its AbortSignal.',
  'schedule.invalid': 'A noise schedule or sampler was given settings it cannot honour.',
} as const satisfies Record<string, string>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;
