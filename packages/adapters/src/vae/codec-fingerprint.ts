/**
 * How a model knows the autoencoder again that it was trained on. Latents of another autoencoder have the same shape and
 * mean something else, so a checkpoint carries a SHA-256 over the files of its codec's folder, and a codec that differs is
 * refused. The checkpoint's file is named after the modality: `image-codec.json`.
 */
import { createHash } from 'node:crypto';
import { TransfuseError } from '@transfuse/core/contracts';

/** Takes the files of a folder one by one, in the order in which they are read. */
export interface CodecFingerprint {
  /** Counts a file in: its length, and its bytes. */
  add(bytes: Uint8Array): void;
  /** What the files so far make: `sha256:` and 64 hexadecimal digits. Nothing may be added afterwards. */
  digest(): string;
}

/** Begins with no files. */
export function createCodecFingerprint(): CodecFingerprint {
  const hash = createHash('sha256');
  return {
    add: (bytes) => void hash.update(`${bytes.length}\n`).update(bytes),
    digest: () => `sha256:${hash.digest('hex')}`,
  };
}

/** The file that a checkpoint carries for the codec of a modality: what an adapter's `assets` returns. */
export function codecAssets(modality: string, fingerprint: string): Record<string, Uint8Array> {
  const text = `${JSON.stringify({ fingerprint }, null, 2)}\n`;
  return { [assetName(modality)]: new TextEncoder().encode(text) };
}

/**
 * Compares a codec with the one that a checkpoint was trained on; a checkpoint without that file, and none at all, say
 * nothing and accept any.
 *
 * @param assets the files of the checkpoint: `CreationContext.assets`
 * @throws `checkpoint.invalid` where the folder holds another codec, or where the file is damaged
 */
export function checkCodecAssets(
  assets: Readonly<Record<string, Uint8Array>>,
  {
    modality,
    folder,
    fingerprint,
  }: { readonly modality: string; readonly folder: string; readonly fingerprint: string },
): void {
  const name = assetName(modality);
  const file = assets[name];
  if (file === undefined) return;
  const expected = fingerprintIn(file);
  if (expected === fingerprint) return;
  if (expected === undefined) {
    throw new TransfuseError({
      code: 'checkpoint.invalid',
      place: name,
      found: 'no fingerprint of a codec',
      expected: 'a JSON object with `fingerprint`, "sha256:" and 64 hexadecimal digits',
      mend: 'Use another copy of the checkpoint.',
    });
  }
  throw new TransfuseError({
    code: 'checkpoint.invalid',
    place: `codec ${folder}`,
    found: `an autoencoder with the fingerprint ${fingerprint}`,
    expected: `the one the model was trained on, ${expected}`,
    mend: 'Put back that autoencoder, its config.json and weights unchanged, or train a model on this one.',
  });
}

const assetName = (modality: string) => `${modality}-codec.json`;

function fingerprintIn(file: Uint8Array): string | undefined {
  try {
    const { fingerprint } = JSON.parse(new TextDecoder().decode(file)) as { readonly fingerprint?: unknown };
    return typeof fingerprint === 'string' && /^sha256:[0-9a-f]{64}$/.test(fingerprint) ? fingerprint : undefined;
  } catch {
    return undefined; // no JSON, or null
  }
}
