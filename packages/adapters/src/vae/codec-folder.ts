/**
 * Reads the folder of an autoencoder as diffusers writes it: `config.json`, whose `_class_name` says which architecture
 * it is, and the weights in one safetensors file, or in several with an index that says which tensor lies where.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type HostTensor, TransfuseError } from '@transfuse/core/contracts';
import { readSafetensors } from '@transfuse/core/params';
import { readAutoencoderKlConfig } from './autoencoder-kl-config.ts';
import { type AutoencoderConfig, autoEncoderParameters } from './autoencoder-parameters.ts';
import { readAutoencoderTinyConfig } from './autoencoder-tiny-config.ts';
import { weightsFromFile } from './weight-layout.ts';

/** What a folder holds. */
export interface CodecFolder {
  /** Of an autoencoder of pictures: three channels in and out. */
  readonly config: AutoencoderConfig;
  /** By the names and shapes of `autoEncoderParameters`. */
  readonly weights: Readonly<Record<string, HostTensor>>;
}

const weightFiles = ['diffusion_pytorch_model.safetensors', 'model.safetensors'] as const;
const readers = { AutoencoderKL: readAutoencoderKlConfig, AutoencoderTiny: readAutoencoderTinyConfig } as const;

/**
 * Reads an autoencoder's folder.
 *
 * @throws `checkpoint.not-found` where the folder or a file is missing, `checkpoint.invalid` where the files are
 *   damaged, of another architecture or do not fit each other, `tensor-file.malformed` for damaged weights
 */
export async function readCodecFolder(folder: string): Promise<CodecFolder> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw notFound(folder, found === undefined ? 'no such folder' : 'a file');
  const place = join(folder, 'config.json');
  const json = parseJson(await readRequired(place), place);
  const name = json['_class_name'];
  if (typeof name !== 'string' || !Object.hasOwn(readers, name)) {
    throw invalid(`${place}, field _class_name`, JSON.stringify(name) ?? 'nothing', Object.keys(readers).join(' or '));
  }
  const config = readers[name as keyof typeof readers](json, { place, code: 'checkpoint.invalid' });
  checkChannels(config, place);
  const { tensors, source } = await readWeights(folder);
  return { config, weights: weightsFromFile(autoEncoderParameters(config), tensors, source) };
}

function checkChannels({ inChannels, outChannels }: AutoencoderConfig, place: string): void {
  for (const [field, channels] of Object.entries({ in_channels: inChannels, out_channels: outChannels })) {
    if (channels !== 3) throw invalid(`${place}, field ${field}`, String(channels), '3, for red, green and blue');
  }
}

interface StoredWeights {
  readonly tensors: Readonly<Record<string, HostTensor>>;
  /** The file, for messages. */
  readonly source: string;
}

async function readWeights(folder: string): Promise<StoredWeights> {
  for (const name of weightFiles) {
    const source = join(folder, name);
    const whole = await readOptional(source);
    if (whole !== undefined) return { tensors: readSafetensors(whole, { place: source }).tensors, source };
    const index = `${source}.index.json`;
    const listed = await readOptional(index);
    if (listed !== undefined)
      return { tensors: await readShards(folder, parseJson(listed, index), index), source: index };
  }
  throw notFound(join(folder, weightFiles[0]), 'no such file');
}

/** The tensors that an index lists, from the files it names. */
async function readShards(
  folder: string,
  index: Readonly<Record<string, unknown>>,
  place: string,
): Promise<Record<string, HostTensor>> {
  const map = index['weight_map'];
  const files = typeof map === 'object' && map !== null ? [...new Set(Object.values(map) as unknown[])] : [];
  const plain = files.every((file) => typeof file === 'string' && file === basename(file) && !/^\.*$/.test(file));
  if (files.length === 0 || !plain) {
    throw invalid(
      `${place}, field weight_map`,
      (JSON.stringify(map) ?? 'nothing').slice(0, 80),
      'a file of this folder for every tensor',
    );
  }
  const tensors: Record<string, HostTensor> = {};
  for (const file of files as string[]) {
    const shard = join(folder, file);
    const held = readSafetensors(await readRequired(shard), { place: shard }).tensors;
    for (const [name, tensor] of Object.entries(held)) {
      const listed = (map as Record<string, unknown>)[name];
      if (listed === file) tensors[name] = tensor;
    }
  }
  return tensors;
}

async function readOptional(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw notFound(path, `a file that cannot be read (${(cause as Error).message})`, cause);
  }
}

async function readRequired(path: string): Promise<Uint8Array> {
  const bytes = await readOptional(path);
  if (bytes === undefined) throw notFound(path, 'no such file');
  return bytes;
}

function parseJson(bytes: Uint8Array, place: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // reported below
  }
  throw invalid(place, 'text that is not a JSON object', 'a JSON object');
}

function notFound(place: string, found: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'checkpoint.not-found',
    place,
    found,
    expected: `an autoencoder's folder with config.json and ${weightFiles.join(' or ')}`,
    mend: 'Check the path: in a pipeline of diffusers it is the folder named vae.',
    cause,
  });
}

function invalid(place: string, found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'checkpoint.invalid',
    place,
    found,
    expected,
    mend: 'Use the folder of an autoencoder as diffusers writes it, or another copy of it.',
  });
}
