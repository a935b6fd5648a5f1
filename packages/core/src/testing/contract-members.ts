/** What each kind of contribution must have once it is created, by the names of its functions and fields. */
import type { ContributionKind, ContributionKinds } from '../contracts/plugin.ts';

type Members<Kind extends ContributionKind> = Partial<
  Record<keyof ContributionKinds[Kind], 'function' | 'string' | 'number' | 'object'>
>;

/** Members by kind, with their types. */
export const contractMembers: { readonly [Kind in ContributionKind]: Members<Kind> } = {
  'discrete-adapter': {
    kind: 'string',
    modality: 'string',
    vocabularySize: 'number',
    encode: 'function',
    decode: 'function',
    createIncrementalDecoder: 'function',
    assets: 'function',
  },
  'continuous-adapter': {
    kind: 'string',
    modality: 'string',
    defaultLatentShape: 'object',
    encode: 'function',
    decode: 'function',
    tokenGrid: 'function',
    parameters: 'function',
    embed: 'function',
    predict: 'function',
  },
  'noise-schedule': { name: 'string', at: 'function', sampleTime: 'function', config: 'object' },
  'loss-weighting': { name: 'string', weight: 'function', config: 'object' },
  sampler: { name: 'string', begin: 'function', config: 'object' },
  guider: { name: 'string', branches: 'object', guide: 'function', config: 'object' },
  'step-cache': { name: 'string', history: 'number', evaluates: 'function', forecast: 'function', config: 'object' },
  dataset: { name: 'string', prepare: 'function' },
  engine: { name: 'string', description: 'string', createStore: 'function', compile: 'function', dispose: 'function' },
};
