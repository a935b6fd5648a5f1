// Shows a value in the page, whatever kind it is: a picture as it is, a sound with its player, a clip in motion.

import { clip } from '../media/clip.ts';
import { sound } from '../media/sound.ts';
import { shownClip } from './shown-clip.ts';
import type { Markup } from './markup.ts';
import { picture } from './picture.ts';
import { shownSound } from './shown-sound.ts';
import type { ReportValue } from './training-report.ts';

/** How a value is described and named. */
export interface ShownOptions {
  /** Text in place of the value, for readers who do not see it. */
  readonly alt: string;
  /** Which value of the report this is, for error messages, for example `trained[2].generated[0]`. */
  readonly place: string;
}

/**
 * The elements that show a value.
 *
 * @throws TransfuseError `image.undecodable`, `audio.undecodable` or `video.undecodable` if its fields do not agree.
 */
export async function shownValue(value: ReportValue, options: ShownOptions): Promise<Markup> {
  if (sound.isValue(value)) return shownSound(value, options);
  if (clip.isValue(value)) return shownClip(value, options);
  return picture(value, options);
}
