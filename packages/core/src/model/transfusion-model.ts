/**
 * A Transfusion model's definition: the transformer, the shared vocabulary and the adapters. It holds no weights; its
 * functions are pure and take them by name.
 */
import { gather, matMul, type Tensor } from '@tensorflow/tfjs-core';
import type { ContinuousAdapter, DiscreteAdapter } from '../contracts/modality-adapter.ts';
import type { ParameterSpec } from '../contracts/parameters.ts';
import type { NamedTensors } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { latentShapesOf } from '../sequence/block-kind.ts';
import { checkDeclaredShapes } from '../sequence/declared-shapes.ts';
import { createVocabulary, type Vocabulary } from '../sequence/vocabulary.ts';
import type { TransformerConfig } from './transformer-config.ts';
import { transformerParameters } from './transformer-parameters.ts';

/** What a model is made of. */
export interface TransfusionModel {
  readonly transformer: TransformerConfig;
  readonly vocabulary: Vocabulary;
  readonly discrete: Readonly<Record<string, DiscreteAdapter>>;
  readonly continuous: Readonly<Record<string, ContinuousAdapter>>;
  readonly parameters: ParameterSpec;
  /** How many numbers say where a position is: 1, or with axial positions as many as the largest grid has axes. */
  readonly positionAxes: number;
}

/** What of a model is decided beside its parts. */
export interface ModelOptions {
  /** Continuous modalities whose blocks are preceded by tokens that tell their shape. Default: none. */
  readonly toldShapes?: readonly string[];
}

/**
 * Puts a model together from its transformer's shape and its adapters. Throws `sequence.invalid` for two adapters of one
 * modality, for latent shapes that contradict each other, and for a name in `toldShapes` that is no continuous modality.
 */
export function defineModel(
  transformer: TransformerConfig,
  adapters: readonly (DiscreteAdapter | ContinuousAdapter)[],
  { toldShapes = [] }: ModelOptions = {},
): TransfusionModel {
  const discrete = adapters.filter((adapter) => adapter.kind === 'discrete');
  const continuous = adapters.filter((adapter) => adapter.kind === 'continuous');
  checkTold(toldShapes, continuous);
  for (const adapter of continuous) {
    checkDeclaredShapes(adapter, toldShapes.includes(adapter.modality) ? 'told' : 'fixed');
  }
  const vocabulary = createVocabulary(
    discrete,
    continuous.map((adapter) => ({
      modality: adapter.modality,
      toldUpTo: toldShapes.includes(adapter.modality) ? Math.max(...gridsOf(adapter).flat()) : undefined,
    })),
  );
  const parameters: Record<string, ParameterSpec[string]> = { ...transformerParameters(transformer, vocabulary.size) };
  for (const adapter of continuous) {
    for (const [name, declaration] of Object.entries(adapter.parameters(transformer.width))) {
      parameters[`adapters.${adapter.modality}.${name}`] = declaration;
    }
  }
  const byModality = <Adapter extends { modality: string }>(list: readonly Adapter[]) =>
    Object.fromEntries(list.map((adapter) => [adapter.modality, adapter]));
  const ranks = continuous.flatMap(gridsOf).map(({ length }) => length);
  return {
    transformer,
    vocabulary,
    discrete: byModality(discrete),
    continuous: byModality(continuous),
    parameters,
    positionAxes: transformer.positions === 'axial' ? Math.max(1, ...ranks) : 1,
  };
}

function checkTold(toldShapes: readonly string[], continuous: readonly ContinuousAdapter[]): void {
  const names = continuous.map(({ modality }) => modality);
  const stranger = toldShapes.find((name) => !names.includes(name));
  if (stranger === undefined) return;
  throw new TransfuseError({
    code: 'sequence.invalid',
    place: 'toldShapes',
    found: stranger,
    expected: names.length === 0 ? 'nothing, because no modality is continuous' : `one of ${names.join(', ')}`,
    mend: 'Name a continuous modality of the model, or leave it out.',
  });
}

const gridsOf = (adapter: ContinuousAdapter) => latentShapesOf(adapter).map((shape) => adapter.tokenGrid(shape));

/** Token ids to vectors. @param ids `[P]` int32 @returns `[P, D]` */
export function embedTokens(params: NamedTensors, ids: Tensor): Tensor {
  return gather(params['embedding.weight']!, ids);
}

/** Scores of the next token. @param hidden `[P, D]` @returns `[P, V]` */
export function languageHead(params: NamedTensors, { head }: TransformerConfig, hidden: Tensor): Tensor {
  if (head === 'tied') return matMul(hidden, params['embedding.weight']!, false, true);
  return matMul(hidden, params['head.weight']!);
}
