// Gathers what `transfuse inspect` shows of a checkpoint. The model is built and the weights are checked against it, so
// a checkpoint that can be inspected can also be loaded.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AdapterSettings,
  buildModel,
  checkWeights,
  type Host,
  type ResolvedConfig,
  validateConfig,
} from '@transfuse/core';
import { readCheckpoint } from '@transfuse/core/training';
import { estimateMemory, type MemoryEstimate } from './memory-estimate.ts';
import { type ParameterPart, parameterParts } from './parameter-parts.ts';

/** One adapter of a model. */
export interface AdapterReport {
  readonly modality: string;
  readonly adapter: string;
  readonly kind: 'discrete' | 'continuous';
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of a discrete adapter: how many tokens it has. */
  readonly vocabularySize?: number;
  /** Of a continuous adapter: the usual shape of a latent, and how many tokens it becomes. */
  readonly latentShape?: readonly number[];
  readonly tokens?: number;
  /** Of a continuous adapter: every shape there is. */
  readonly shapes?: readonly LatentShapeReport[];
  /** Of a continuous adapter: how many tokens before a block tell its shape, one per axis; 0 where none does. */
  readonly shapeTokens?: number;
}

/** One shape of a latent. */
export interface LatentShapeReport {
  readonly latentShape: readonly number[];
  /** How its tokens are arranged, in raster order. */
  readonly grid: readonly number[];
  readonly tokens: number;
}

/** What is in a checkpoint. */
export interface CheckpointReport {
  readonly checkpoint: string;
  readonly model: ResolvedConfig['model'];
  readonly parameters: { readonly total: number; readonly parts: readonly ParameterPart[] };
  readonly adapters: readonly AdapterReport[];
  /** Tokens in all; the rest beside the adapters' are special tokens. */
  readonly vocabulary: {
    readonly size: number;
    readonly special: number;
    /** How many of the special tokens are sizes, by which the model tells the shapes of blocks. */
    readonly sizes: number;
  };
  /** Whether tokens of a block have positions of their own along each axis, and how many axes at most. */
  readonly positions: { readonly kind: 'sequence' | 'axial'; readonly axes: number };
  readonly objective: ResolvedConfig['objective'];
  readonly sampling: ResolvedConfig['sampling'];
  /** How far training has come; null in a checkpoint for generation only. */
  readonly training: { readonly step: number; readonly steps: number; readonly documents: number } | null;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** In bytes. */
  readonly memory: MemoryEstimate;
}

/** Reads, checks and describes a checkpoint. Throws what loading it would throw. */
export async function reportCheckpoint(host: Host, folder: string): Promise<CheckpointReport> {
  const checkpoint = await readCheckpoint(folder);
  const config = validateConfig(checkpoint.config);
  const model = await buildModel(host, config, { assets: checkpoint.assets });
  checkWeights(model, checkpoint.weights, `${folder}/model.safetensors`);
  const parts = parameterParts(model.parameters);
  const total = parts.reduce((sum, { parameters }) => sum + parameters, 0);
  const ordinary = Object.values(model.vocabulary.discrete).reduce((sum, { size }) => sum + size, 0);
  const { trainer } = checkpoint;
  return {
    checkpoint: folder,
    model: config.model,
    parameters: { total, parts },
    adapters: Object.entries(config.modalities).map(([modality, settings]) =>
      describeAdapter(model, modality, settings),
    ),
    vocabulary: {
      size: model.vocabulary.size,
      special: model.vocabulary.size - ordinary,
      sizes: model.vocabulary.sizes.count,
    },
    positions: { kind: config.model.positions, axes: model.positionAxes },
    objective: config.objective,
    sampling: config.sampling,
    training: trainer ? { step: trainer.step, steps: config.train.steps, documents: trainer.nextDocument } : null,
    files: await filesOf(folder),
    memory: estimateMemory({ parameters: total, vocabularySize: model.vocabulary.size, config }),
  };
}

function describeAdapter(
  { discrete, continuous, vocabulary }: Awaited<ReturnType<typeof buildModel>>,
  modality: string,
  { adapter, ...settings }: AdapterSettings,
): AdapterReport {
  const tokenizer = discrete[modality];
  if (tokenizer !== undefined) {
    return { modality, adapter, kind: 'discrete', settings, vocabularySize: tokenizer.vocabularySize };
  }
  const blocks = continuous[modality]!;
  const shapeOf = (latentShape: readonly number[]): LatentShapeReport => {
    const grid = blocks.tokenGrid(latentShape);
    return { latentShape, grid, tokens: grid.reduce((product, side) => product * side, 1) };
  };
  const { latentShape, grid, tokens } = shapeOf(blocks.defaultLatentShape);
  const shapes = (blocks.latentShapes ?? [latentShape]).map(shapeOf);
  const shapeTokens = vocabulary.blocks[modality]?.shape === 'told' ? grid.length : 0;
  return { modality, adapter, kind: 'continuous', settings, latentShape, tokens, shapes, shapeTokens };
}

async function filesOf(folder: string): Promise<CheckpointReport['files']> {
  const names = (await readdir(folder)).toSorted();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
}
