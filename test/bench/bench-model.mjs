// The model both benchmarks measure: width 256, 6 layers, 4 heads, 512 tokens of vocabulary, pictures of 32 x 32
// pixels as 16 patches of 8 x 8; weights are random, because speed does not depend on them.
import { linearPatchImage } from '@transfuse/adapters/image';
import { defineModel } from '@transfuse/core/model';
import { idsTokenizer } from './ids-tokenizer.mjs';

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
  return defineModel(transformer, [idsTokenizer(507), linearPatchImage({ size: 32, patchSize: 8 })]);
}
