// Clips on their way in and out of the command line: the modality `video`. A picture file is a clip of one frame, so
// clips read what pictures are read from too, for models that have no pictures.
import { type RawClip, VideoClip } from '@transfuse/adapters/video';
import { fieldsOf, type Medium } from './medium.ts';
import { picture, pictureExtensions } from './picture.ts';

/** Clips, saved as animated WebP. */
export const clip: Medium<RawClip> = {
  modality: 'video',
  noun: { one: 'clip', many: 'clips' },
  extensions: ['.mp4', '.m4v', '.webm', '.mov', '.mkv', ...pictureExtensions],
  extension: '.webp',
  isValue(value): value is RawClip {
    const { frames, delays } = fieldsOf(value);
    return Array.isArray(frames) && frames.length > 0 && frames.every(picture.isValue) && Array.isArray(delays);
  },
  read: (source) => VideoClip.read(source),
  save: (value, file) => VideoClip.from(value).save(file),
};
