// Gathers what `transfuse inspect` shows of a checkpoint. The model is built and the weights are checked against it, so
// a checkpoint that can be inspected can also be loaded.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildModel, checkWeights, type Host, type ResolvedConfig, validateConfig } from '@transfuse/core';
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
  /** Of a continuous adapter: the shape of a latent, and how many tokens it becomes. */
  readonly latentShape?: readonly number[];
  readonly tokens?: number;
}

/** What is in a checkpoint. */
export interface CheckpointReport {
  readonly checkpoint: string;
  readonly model: ResolvedConfig['model'];
  readonly parameters: { readonly total: number; readonly parts: readonly ParameterPart[] };
  readonly adapters: readonly AdapterReport[];
  /** Tokens in all; the rest beside the adapters' are special tokens. */
  readonly vocabulary: { readonly size: number; readonly special: number };
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
    adapters: Object.entries(config.modalities).map(([modality, { adapter, ...settings }]) => {
      const discrete = model.discrete[modality];
      if (discrete !== undefined) {
        return { modality, adapter, kind: 'discrete', settings, vocabularySize: discrete.vocabularySize };
      }
      const continuous = model.continuous[modality]!;
      const latentShape = continuous.defaultLatentShape;
      const tokens = continuous.tokenGrid(latentShape).reduce((product, side) => product * side, 1);
      return { modality, adapter, kind: 'continuous', settings, latentShape, tokens };
    }),
    vocabulary: { size: model.vocabulary.size, special: model.vocabulary.size - ordinary },
    objective: config.objective,
    sampling: config.sampling,
    training: trainer ? { step: trainer.step, steps: config.train.steps, documents: trainer.nextDocument } : null,
    files: await filesOf(folder),
    memory: estimateMemory({ parameters: total, vocabularySize: model.vocabulary.size, config }),
  };
}

async function filesOf(folder: string): Promise<CheckpointReport['files']> {
  const names = (await readdir(folder)).toSorted();
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folder, name))).size })));
}
