// Saves what a model makes under numbered names, each medium with a count of its own: image-1.png, audio-1.wav,
// video-1.webp, image-2.png. Earlier files of these names are replaced.
import { join } from 'node:path';
import { mediumOfValue } from './media.ts';

/** Saves a value and tells its file; undefined for what there is no file format for. */
export interface ValueSaver {
  (value: unknown): Promise<string | undefined>;
}

/** A saver into a folder, which exists. */
export function createNumberedSaver(folder: string): ValueSaver {
  const counts = new Map<string, number>();
  return async (value) => {
    const medium = mediumOfValue(value);
    if (medium === undefined) return undefined;
    const { modality, extension } = medium;
    const count = (counts.get(modality) ?? 0) + 1;
    counts.set(modality, count);
    const file = join(folder, `${modality}-${count}${extension}`);
    await medium.save(value, file);
    return file;
  };
}
