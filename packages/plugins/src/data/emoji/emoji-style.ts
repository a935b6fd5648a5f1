/*
 * The four drawing styles of the Emoji data set. All four draw the same Unicode characters, so one name exists in four
 * hands; a style is recognisable at 32 pixels and is therefore a fair thing to ask for in a caption. The licences are
 * told in the NOTICE file.
 */

/** Every drawing style, in the order in which pictures are stored. */
export const emojiStyles = ['twemoji', 'noto', 'fluent-flat', 'fluent-3d'] as const;

/** The name of a drawing style, as captions write it. */
export type EmojiStyle = (typeof emojiStyles)[number];

/** Whether a text is the name of a drawing style. */
export function isEmojiStyle(text: string): text is EmojiStyle {
  return (emojiStyles as readonly string[]).includes(text);
}
