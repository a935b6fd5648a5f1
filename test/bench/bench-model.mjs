// The model both benchmarks measure: width 256, 6 layers, 4 heads, 512 tokens of vocabulary, pictures of 32 x 32
// pixels as 16 patches of 8 x 8; weights are random, because speed does not depend on them.
import { linearPatchImage } from '@transfuse/adapters/image';
import { defineModel } from '@transfuse/core/model';

/** A stand-in for a tokenizer: segments already hold ids. */
const ids = {
  kind: 'discrete',
  modality: 'text',
  vocabularySize: 507,
  encode: (raw) => Int32Array.from(raw),
  decode: (tokens) => Array.from(tokens).join(' '),
  createIncrementalDecoder: () => ({ push: (id) => `${id} `, flush: () => '' }),
  assets: () => ({}),
};

export function benchModel({ sequenceLength }) {
  const transformer = {
    width: 256,
    depth: 6,
    heads: 4,
    keyValueHeads: 4,
    feedForwardWidth: 704,
    sequenceLength,
    ropeBase: 10_000,
    normEpsilon: 1e-5,
    queryKeyNorm: 'none',
    head: 'untied',
  };
  return defineModel(transformer, [ids, linearPatchImage({ size: 32, patchSize: 8 })]);
}
