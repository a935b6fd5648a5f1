/**
 * Checkpoint folders as the Hugging Face world knows them: `config.json`, `model.safetensors` (the averaged weights,
 * which generation uses), the adapters' files (`tokenizer.json`), and for resuming `trainer_state.json` with
 * `optimizer.safetensors` (raw weights and moments). Written whole or not at all.
 */
import { createHash } from 'node:crypto';
import type { HostTensor } from '../contracts/tensors.ts';
import { TransfuseError } from '../errors/index.ts';
import { readSafetensors, writeSafetensors } from '../params/safetensors.ts';
import type { BatchShape } from '../sequence/pack-rows.ts';
import { writeFolderAtomically } from './atomic-folder.ts';
import type { TrainerState } from './trainer.ts';
import { readFolderWhole } from './whole-folder.ts';

/** What a checkpoint folder holds. */
export interface Checkpoint {
  /** Content of `config.json`: the configuration, plugins left out. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Weights by parameter name. */
  readonly weights: Readonly<Record<string, HostTensor>>;
  /** The adapters' files by name. */
  readonly assets: Readonly<Record<string, Uint8Array>>;
  /** Present where training can be resumed. */
  readonly trainer?: TrainerState;
}

const optimizerStores = ['parameters', 'first', 'second'] as const;
const ownFiles = ['config.json', 'model.safetensors', 'optimizer.safetensors', 'trainer_state.json'];

/** Writes a checkpoint in place of any earlier one. */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint): Promise<void> {
  const { config, weights, assets, trainer } = checkpoint;
  const files: Record<string, Uint8Array | string> = {
    'config.json': `${JSON.stringify(config, null, 2)}\n`,
    'model.safetensors': writeSafetensors(weights, { metadata: { format: 'transfuse', ...fingerprints(assets) } }),
    ...assets,
  };
  if (trainer !== undefined) {
    const { step, nextDocument, batchShape, stores } = trainer;
    const arrays = optimizerStores.flatMap((store) =>
      Object.entries(stores[store]).map(([name, tensor]) => [`${store}/${name}`, tensor] as const),
    );
    files['trainer_state.json'] = `${JSON.stringify({ step, nextDocument, batchShape }, null, 2)}\n`;
    files['optimizer.safetensors'] = writeSafetensors(Object.fromEntries(arrays));
  }
  await writeFolderAtomically(folder, files);
}

/** Reads a checkpoint. Throws `checkpoint.not-found`, `checkpoint.invalid` or `tensor-file.malformed`. */
export async function readCheckpoint(folder: string): Promise<Checkpoint> {
  const files = await readFolderWhole(folder);
  if (files === undefined) throw notFound(folder, 'no such folder');
  const file = (name: string): Uint8Array => {
    const content = files[name];
    if (content === undefined) throw notFound(`${folder}/${name}`, 'no such file');
    return content;
  };
  const config = readJson(file('config.json'), `${folder}/config.json`);
  const { tensors: weights, metadata } = readSafetensors(file('model.safetensors'), {
    place: `${folder}/model.safetensors`,
  });
  const assets = Object.fromEntries(Object.entries(files).filter(([name]) => !ownFiles.includes(name)));
  checkFingerprints(folder, assets, metadata);
  if (files['trainer_state.json'] === undefined) return { config, weights, assets };
  return { config, weights, assets, trainer: readTrainer(folder, file, weights) };
}

const fingerprintPrefix = 'sha256/';

/** Ties the adapters' files to the weights: the weights' file remembers what it was trained with. */
function fingerprints(assets: Readonly<Record<string, Uint8Array>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(assets).map(([name, bytes]) => [
      `${fingerprintPrefix}${name}`,
      createHash('sha256').update(bytes).digest('hex'),
    ]),
  );
}

function checkFingerprints(
  folder: string,
  assets: Readonly<Record<string, Uint8Array>>,
  metadata: Readonly<Record<string, string>>,
): void {
  const present = fingerprints(assets);
  for (const [key, trained] of Object.entries(metadata)) {
    if (!key.startsWith(fingerprintPrefix) || present[key] === trained) continue;
    const name = key.slice(fingerprintPrefix.length);
    if (present[key] === undefined) throw notFound(`${folder}/${name}`, 'no such file');
    throw new TransfuseError({
      code: name.startsWith('tokenizer') ? 'tokenizer.mismatch' : 'checkpoint.invalid',
      place: `${folder}/${name}`,
      found: 'another file than the model was trained with',
      expected: `the file with SHA-256 ${trained.slice(0, 12)}…`,
      mend: `Put back the ${name} that was written with model.safetensors.`,
    });
  }
}

function readTrainer(
  folder: string,
  file: (name: string) => Uint8Array,
  average: Readonly<Record<string, HostTensor>>,
): TrainerState {
  const place = `${folder}/trainer_state.json`;
  const { step, nextDocument, batchShape } = readJson(file('trainer_state.json'), place);
  if (!Number.isInteger(step) || !Number.isInteger(nextDocument) || typeof batchShape !== 'object' || !batchShape) {
    throw invalid(place, 'missing fields', 'step, nextDocument and batchShape');
  }
  const { tensors } = readSafetensors(file('optimizer.safetensors'), { place: `${folder}/optimizer.safetensors` });
  const store = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`${prefix}/`))
        .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
    );
  return {
    step: step as number,
    nextDocument: nextDocument as number,
    batchShape: batchShape as BatchShape,
    stores: { parameters: store('parameters'), first: store('first'), second: store('second'), average },
  };
}

function readJson(bytes: Uint8Array, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // reported below
  }
  throw invalid(place, 'text that is not a JSON object', 'a JSON object');
}

function notFound(place: string, found: string): TransfuseError {
  return new TransfuseError({
    code: 'checkpoint.not-found',
    place,
    found,
    expected: 'a checkpoint folder with config.json, model.safetensors and the files of its adapters',
    mend: 'Check the path: a run keeps its checkpoint in the folder `checkpoint` of its own.',
  });
}

function invalid(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'checkpoint.invalid',
    place,
    found,
    expected,
    mend: 'Use another copy of the checkpoint, or train again.',
  });
}
