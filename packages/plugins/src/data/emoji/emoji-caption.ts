/*
 * How an emoji is named in a caption. The names are the English short names of the Unicode CLDR, in lower case and
 * without the colon, so that a caption is plain words: `keycap: 5` becomes `keycap 5`, `waving hand: light skin tone`
 * becomes `waving hand, light skin tone`. Training sees three forms of a caption; the canonical one, which names the
 * style last, is the form to ask a model in.
 */
import type { RandomSource } from '@transfuse/core/contracts';
import { type EmojiStyle, isEmojiStyle } from './emoji-style.ts';

/** What identifies one picture: the name in its captions and the style it is drawn in. */
export interface EmojiReference {
  readonly style: EmojiStyle;
  /** For example `red heart`, `six o’clock`, `keycap 5`. */
  readonly label: string;
}

/** The form of a CLDR short name that captions use. A straight apostrophe is taken as the curly one of the CLDR. */
export function emojiLabel(shortName: string): string {
  return shortName
    .toLowerCase()
    .replaceAll("'", '’')
    .replace(/^keycap: /, 'keycap ')
    .replaceAll(': ', ', ');
}

/**
 * The canonical caption of a picture.
 *
 * @example
 * ```ts
 * import { canonicalCaption } from '@transfuse/plugins/data/emoji';
 * console.assert(canonicalCaption({ label: 'red heart', style: 'noto' }) === 'red heart, noto style');
 * ```
 */
export function canonicalCaption(picture: EmojiReference): string {
  return `${emojiLabel(picture.label)}, ${picture.style} style`;
}

/** Every form of a picture's caption, with how often training sees it; the canonical form comes first. */
export function captionForms(picture: EmojiReference): readonly { readonly caption: string; readonly share: number }[] {
  const label = emojiLabel(picture.label);
  return [
    { caption: canonicalCaption(picture), share: 0.7 },
    { caption: label, share: 0.15 },
    { caption: `${picture.style} style ${label}`, share: 0.15 },
  ];
}

/** One form of a picture's caption: the canonical one in 70 % of draws, the bare label and the style first in 15 % each. */
export function drawCaption(picture: EmojiReference, random: RandomSource): string {
  let left = random.uniform();
  for (const { caption, share } of captionForms(picture)) {
    if (left < share) return caption;
    left -= share;
  }
  return canonicalCaption(picture);
}

/** The id of a picture in the data set: `noto/red heart`. */
export function emojiId(picture: EmojiReference): string {
  return `${picture.style}/${emojiLabel(picture.label)}`;
}

/**
 * Takes an id apart; undefined if it is not the id of an emoji picture.
 *
 * @example
 * ```ts
 * import { canonicalCaption, parseEmojiId } from '@transfuse/plugins/data/emoji';
 * const picture = parseEmojiId('noto/red heart');
 * console.assert(picture !== undefined && canonicalCaption(picture) === 'red heart, noto style');
 * ```
 */
export function parseEmojiId(id: string): EmojiReference | undefined {
  const slash = id.indexOf('/');
  const style = id.slice(0, slash);
  return slash > 0 && slash < id.length - 1 && isEmojiStyle(style) ? { style, label: id.slice(slash + 1) } : undefined;
}

/** The words of a caption, without punctuation and with hyphenated words taken apart: what a model has to have read. */
export function captionWords(caption: string): readonly string[] {
  return caption.split(/[\s,\-“”()]+/).filter((word) => word !== '');
}
