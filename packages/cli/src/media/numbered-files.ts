// Saves what a model makes under numbered names, each medium with a count of its own: image-1.png, audio-1.wav,
// video-1.webp, image-2.png, points-1.json. Earlier files of these names are replaced.
import { join } from 'node:path';
import type { Segment } from '@transfuse/core/contracts';
import { mediumOfSegment } from './media.ts';

/** Saves a segment's value and tells its file; undefined for what not even JSON can hold. */
export interface SegmentSaver {
  (segment: Segment): Promise<string | undefined>;
}

/** A saver into a folder, which exists. */
export function createNumberedSaver(folder: string): SegmentSaver {
  const counts = new Map<string, number>();
  return async (segment) => {
    const medium = mediumOfSegment(segment);
    if (medium === undefined) return undefined;
    const { modality, extension } = medium;
    const count = (counts.get(modality) ?? 0) + 1;
    counts.set(modality, count);
    const file = join(folder, `${fileWord(modality)}-${count}${extension}`);
    await medium.save(segment.value, file);
    return file;
  };
}

/** A modality's name as part of a file's name. */
export function fileWord(modality: string): string {
  return modality.replaceAll(/[^\p{L}\p{N}_.-]/gu, '_');
}
