// Files that an argument names together with what they are: `image:heart.png`, `points:cloud.json`. Before the colon
// stands a modality of the model, or one of those that the command line always knows.
import { statSync } from 'node:fs';
import { TransfuseError } from '@transfuse/core/contracts';
import { dataFile } from './data-file.ts';
import { type MediumFile, mediumOfFile, mediumOfModality } from './media.ts';
import type { Medium } from './medium.ts';

/** What decides what a word is. */
export interface NamedFileOptions {
  /** The model's modalities; default: none known, then only those that the command line always knows are names. */
  readonly modalities?: readonly string[] | undefined;
  /** Whether a path names a file; default: asks the file system. */
  readonly exists?: (path: string) => boolean;
}

/**
 * The file and its kind that `NAME:PATH` says; undefined for other words.
 *
 * @throws TransfuseError `generation.invalid-option` where the file is there and the model has no such modality
 */
export function namedFile(
  word: string,
  { modalities, exists = isFile }: NamedFileOptions = {},
): MediumFile | undefined {
  const [, name, file] = /^([\p{L}_][\p{L}\p{N}_.-]*):(.+)$/su.exec(word) ?? [];
  if (name === undefined || file === undefined || exists(word)) return undefined;
  const medium = mediumOfModality(name);
  if (modalities === undefined) return medium && { file, medium };
  if (readable(modalities).includes(name)) return { file, medium: medium ?? unusualMedium(name, file) };
  if (medium === undefined && !exists(file)) return undefined;
  throw new TransfuseError({
    code: 'generation.invalid-option',
    place: word,
    found: medium === undefined ? `a file of the modality ${name}` : `a ${medium.noun.one}`,
    expected: `one that the model reads from files: ${readable(modalities).join(', ') || 'it has none'}`,
    mend: 'Name the modality that the file is of; for a text, put a space after the colon.',
  });
}

/** What a file of a modality is read as, the modality known; undefined for text and for what the model does not have. */
export function mediumIn(modality: string, file: string, modalities: readonly string[] = []): Medium | undefined {
  const isNamed = readable(modalities).includes(modality);
  return mediumOfModality(modality) ?? (isNamed ? unusualMedium(modality, file) : undefined);
}

/** Whether there is something that can be read at a path. */
export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false; // too long for a path, for example
  }
}

/** Of a modality that somebody brought: pictures, sounds and clips may be its values too, JSON always is. */
function unusualMedium(modality: string, file: string): Medium {
  const usual = mediumOfFile(file);
  return usual === undefined ? dataFile(modality) : { ...usual, modality };
}

function readable(modalities: readonly string[]): readonly string[] {
  return modalities.filter((modality) => modality !== 'text');
}
