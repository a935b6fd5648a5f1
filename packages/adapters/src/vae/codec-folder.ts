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
import { type CodecFingerprint, createCodecFingerprint } from './codec-fingerprint.ts';
import { weightsFromFile } from './weight-layout.ts';

/** An autoencoder: what a folder holds, or what was trained just now. */
export interface CodecFolder {
  /** Of an autoencoder of pictures: three channels in and out. */
  readonly config: AutoencoderConfig;
  /** By the names and shapes of `autoEncoderParameters`. */
  readonly weights: Readonly<Record<string, HostTensor>>;
}

/** An autoencoder that was read from a folder. */
export interface StoredCodec extends CodecFolder {
  /** Of the bytes of `config.json` and of the weights' files: `sha256:` and 64 hexadecimal digits. */
  readonly fingerprint: string;
}

const weightFiles = ['diffusion_pytorch_model.safetensors', 'model.safetensors'] as const;
const readers = { AutoencoderKL: readAutoencoderKlConfig, AutoencoderTiny: readAutoencoderTinyConfig } as const;

/**
 * Reads an autoencoder's folder.
 *
 * @throws `checkpoint.not-found` where the folder or a file is missing, `checkpoint.invalid` where the files are
 *   damaged, of another architecture or do not fit each other, `tensor-file.malformed` for damaged weights
 */
export async function readCodecFolder(folder: string): Promise<StoredCodec> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw notFound(folder, found === undefined ? 'no such folder' : 'a file');
  const place = join(folder, 'config.json');
  const fingerprint = createCodecFingerprint();
  const json = parseJson(await readRequired(place, fingerprint), place);
  const name = json['_class_name'];
  if (typeof name !== 'string' || !Object.hasOwn(readers, name)) {
    throw invalid(`${place}, field _class_name`, JSON.stringify(name) ?? 'nothing', Object.keys(readers).join(' or '));
  }
  const config = readers[name as keyof typeof readers](json, { place, code: 'checkpoint.invalid' });
  checkChannels(config, place);
  const { tensors, source } = await readWeights(folder, fingerprint);
  const weights = weightsFromFile(autoEncoderParameters(config), tensors, source);
  return { config, weights, fingerprint: fingerprint.digest() };
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

async function readWeights(folder: string, fingerprint: CodecFingerprint): Promise<StoredWeights> {
  for (const name of weightFiles) {
    const source = join(folder, name);
    const whole = await readOptional(source, fingerprint);
    if (whole !== undefined) return { tensors: readSafetensors(whole, { place: source }).tensors, source };
    const index = `${source}.index.json`;
    const listed = await readOptional(index, fingerprint);
    if (listed === undefined) continue;
    const map = parseJson(listed, index)['weight_map'];
    return { tensors: await readShards(folder, map, index, fingerprint), source: index };
  }
  throw notFound(join(folder, weightFiles[0]), 'no such file');
}

/** The tensors that an index lists, from the files it names. */
async function readShards(
  folder: string,
  map: unknown,
  place: string,
  fingerprint: CodecFingerprint,
): Promise<Record<string, HostTensor>> {
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
    const held = readSafetensors(await readRequired(shard, fingerprint), { place: shard }).tensors;
    for (const [name, tensor] of Object.entries(held)) {
      const listed = (map as Record<string, unknown>)[name];
      if (listed === file) tensors[name] = tensor;
    }
  }
  return tensors;
}

async function readOptional(path: string, fingerprint: CodecFingerprint): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(path);
    fingerprint.add(bytes);
    return bytes;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw notFound(path, `a file that cannot be read (${(cause as Error).message})`, cause);
  }
}

async function readRequired(path: string, fingerprint: CodecFingerprint): Promise<Uint8Array> {
  const bytes = await readOptional(path, fingerprint);
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
