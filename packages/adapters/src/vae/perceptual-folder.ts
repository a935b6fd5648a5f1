/**
 * Reads the network of the perceptual distance from safetensors: the convolutions of VGG16 under torchvision's names
 * (`features.N.weight`) and the weights of its stages under those of lpips (`lin0.model.1.weight`), in one file or in
 * several of a folder. The names under which lpips stores the convolutions itself (`net.slice1.0.weight`) are known too.
 * Nothing is downloaded.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostTensor, TransfuseError } from '@transfuse/core/contracts';
import { readSafetensors } from '@transfuse/core/params';
import { perceptualParameters, vgg16Channels } from './perceptual-distance.ts';
import { weightsFromFile } from './weight-layout.ts';

/** A network that compares pictures, by the names and shapes of `perceptualParameters`. */
export interface PerceptualNetwork {
  readonly weights: Readonly<Record<string, HostTensor>>;
}

/**
 * Reads all `.safetensors` files of a folder, or the one file that is named; tensors of other parts (a classifier, the
 * scaling of colours) are passed over.
 *
 * @throws `checkpoint.not-found` where there is no such file, `checkpoint.invalid` where tensors are missing or have
 *   shapes that do not fit each other, `tensor-file.malformed` for damaged files
 */
export async function readPerceptualNetwork(path: string): Promise<PerceptualNetwork> {
  const tensors: Record<string, HostTensor> = {};
  for (const file of await tensorFiles(path)) {
    for (const [name, tensor] of Object.entries(readSafetensors(await readFile(file), { place: file }).tensors)) {
      const known = knownName(name);
      if (known !== undefined) tensors[known] = tensor;
    }
  }
  const channels = vgg16Channels.map((usual, stage) => tensors[`lin${stage}.weight`]?.shape[1] ?? usual);
  return { weights: weightsFromFile(perceptualParameters(channels), tensors, path) };
}

/** Ours for a file's; undefined for what plays no part. */
function knownName(name: string): string | undefined {
  const feature = /^(?:features|net\.slice[1-5])\.(\d+)\.(weight|bias)$/.exec(name);
  if (feature !== null) return `features.${feature[1]}.${feature[2]}`;
  const stage = /^lin([0-4])\.(?:model\.1\.)?weight$/.exec(name);
  return stage === null ? undefined : `lin${stage[1]}.weight`;
}

async function tensorFiles(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return [path];
  const names = found === undefined ? [] : (await readdir(path)).filter((name) => name.endsWith('.safetensors'));
  if (names.length > 0) return names.toSorted().map((name) => join(path, name));
  throw new TransfuseError({
    code: 'checkpoint.not-found',
    place: path,
    found: found === undefined ? 'no such file or folder' : 'a folder without safetensors',
    expected: 'VGG16 (features.N.weight, features.N.bias) and the weights of LPIPS (lin0 to lin4) as safetensors',
    mend: 'Check the path; docs/codecs.md says how to write these files.',
  });
}
