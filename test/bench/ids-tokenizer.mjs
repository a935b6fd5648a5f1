// Stands in for a tokenizer: segments already hold ids, so that next to no time goes into reading text.

/** A text adapter over so many ids. */
export const idsTokenizer = (vocabularySize) => ({
  kind: 'discrete',
  modality: 'text',
  vocabularySize,
  encode: (raw) => Int32Array.from(raw),
  decode: (tokens) => Array.from(tokens).join(' '),
  createIncrementalDecoder: () => ({ push: (id) => `${id} `, flush: () => '' }),
  assets: () => ({}),
});
