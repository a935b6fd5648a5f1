/** The transformer's trainable arrays by name. Names follow what each array is; products are `input @ weight`. */
import type { ParameterDeclaration, ParameterSpec } from '../contracts/parameters.ts';
import type { TransformerConfig } from './transformer-config.ts';

const standardDeviation = 0.02;

const matrix = (rows: number, columns: number, deviation = standardDeviation): ParameterDeclaration => ({
  shape: [rows, columns],
  initializer: { kind: 'normal', standardDeviation: deviation },
  decay: true,
});

const gain = (size: number): ParameterDeclaration => ({ shape: [size], initializer: { kind: 'ones' }, decay: false });

/** Declares embedding, blocks, final norm and head for a vocabulary of `vocabularySize` tokens. */
export function transformerParameters(config: TransformerConfig, vocabularySize: number): ParameterSpec {
  const { width, depth, heads, keyValueHeads, feedForwardWidth, queryKeyNorm } = config;
  const headSize = width / heads;
  // Projections into the residual stream start smaller, so that its variance does not grow with depth (GPT-2).
  const residualDeviation = standardDeviation / Math.sqrt(2 * depth);
  const spec: Record<string, ParameterDeclaration> = {
    'embedding.weight': { ...matrix(vocabularySize, width), decay: false },
  };
  for (let layer = 0; layer < depth; layer++) {
    const block = `blocks.${layer}`;
    spec[`${block}.attention.norm.weight`] = gain(width);
    spec[`${block}.attention.query.weight`] = matrix(width, width);
    spec[`${block}.attention.key.weight`] = matrix(width, keyValueHeads * headSize);
    spec[`${block}.attention.value.weight`] = matrix(width, keyValueHeads * headSize);
    if (queryKeyNorm === 'rms') {
      spec[`${block}.attention.query_norm.weight`] = gain(headSize);
      spec[`${block}.attention.key_norm.weight`] = gain(headSize);
    }
    spec[`${block}.attention.output.weight`] = matrix(width, width, residualDeviation);
    spec[`${block}.feed_forward.norm.weight`] = gain(width);
    spec[`${block}.feed_forward.gate.weight`] = matrix(width, feedForwardWidth);
    spec[`${block}.feed_forward.up.weight`] = matrix(width, feedForwardWidth);
    spec[`${block}.feed_forward.down.weight`] = matrix(feedForwardWidth, width, residualDeviation);
  }
  spec['norm.weight'] = gain(width);
  if (config.head === 'untied') spec['head.weight'] = matrix(width, vocabularySize);
  return spec;
}
