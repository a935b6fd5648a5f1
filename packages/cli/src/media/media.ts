// The table of media, and how to find the one that a file, a value or a modality belongs to. Animated WebP and GIF are
// pictures as much as clips: a prefix as in `video:wink.webp` decides, else what the model has, else they are pictures.
// Modalities that stand in no table have their values in JSON files.
import { extname } from 'node:path';
import type { Segment } from '@transfuse/core/contracts';
import { clip } from './clip.ts';
import { dataFile } from './data-file.ts';
import type { Medium } from './medium.ts';
import { picture } from './picture.ts';
import { sound } from './sound.ts';

/** Every medium; where an extension stands at several, the first is the usual one. */
export const media: readonly Medium[] = [picture, sound, clip];

/** A file and what it is read as. */
export interface MediumFile {
  readonly file: string;
  readonly medium: Medium;
}

/** The medium of a modality's values, if there is one. */
export function mediumOfModality(modality: string): Medium | undefined {
  return media.find((medium) => medium.modality === modality);
}

/** The medium a value is of, if it is any. */
export function mediumOfValue(value: unknown): Medium | undefined {
  return media.find((medium) => medium.isValue(value));
}

/** What a segment is saved as: the medium its value is of, else JSON; undefined for what JSON cannot hold either. */
export function mediumOfSegment({ modality, value }: Segment): Medium | undefined {
  const data = dataFile(modality);
  return mediumOfValue(value) ?? (data.isValue(value) ? data : undefined);
}

/**
 * The medium of a file by its extension: of several the first that the model has; undefined for an unknown extension.
 *
 * @param modalities those of the model; without them the usual medium is taken
 */
export function mediumOfFile(path: string, modalities: readonly string[] = []): Medium | undefined {
  const extension = extname(path).toLowerCase();
  const fitting = media.filter(({ extensions }) => extensions.includes(extension));
  return fitting.find(({ modality }) => modalities.includes(modality)) ?? fitting[0];
}
