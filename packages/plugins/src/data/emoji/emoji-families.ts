/*
 * The families of the compositional subset: emoji whose names are put together from parts (a colour and a shape, an
 * hour and a half) and whose pictures are too. A model that has learnt the parts can draw a combination that it never
 * saw; these lists say what the parts of each picture are, so that a report can count by colour or by hour.
 */

/** The name of a family. */
export type EmojiFamilyName = 'heart' | 'circle' | 'square' | 'clock' | 'arrow' | 'keycap' | 'zodiac';

/** One name of a family, with its parts. */
export interface EmojiFamilyMember {
  /** The name in captions, for example `red heart`. */
  readonly label: string;
  /** `red`, `light blue`, ...; of hearts, circles and squares that are named by a colour. */
  readonly colour?: string;
  /** `one` to `twelve`; of clocks. */
  readonly hour?: string;
  /** Whether a clock shows the full hour or half past it. */
  readonly minute?: 'o’clock' | 'thirty';
}

/** A family: pictures of one kind. */
export interface EmojiFamily {
  readonly name: EmojiFamilyName;
  readonly members: readonly EmojiFamilyMember[];
}

const hours = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');
const basicColours = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'brown'];

const plain = (...labels: string[]): EmojiFamilyMember[] => labels.map((label) => ({ label }));
const coloured = (colours: readonly string[], noun: string): EmojiFamilyMember[] =>
  colours.map((colour) => ({ label: `${colour} ${noun}`, colour }));

/**
 * The families of the compositional subset, 113 names in all.
 *
 * @example
 * ```ts
 * import { emojiFamilies } from '@transfuse/plugins/data/emoji';
 * const hearts = emojiFamilies.find((family) => family.name === 'heart');
 * console.assert(hearts?.members.some((member) => member.label === 'blue heart' && member.colour === 'blue'));
 * ```
 */
export const emojiFamilies: readonly EmojiFamily[] = [
  {
    name: 'heart',
    members: [
      ...coloured(['red', 'pink', 'orange', 'yellow', 'green', 'blue', 'light blue', 'purple'], 'heart'),
      ...coloured(['brown', 'black', 'grey', 'white'], 'heart'),
      ...plain(
        'sparkling heart',
        'growing heart',
        'beating heart',
        'broken heart',
        'mending heart',
        'heart with arrow',
      ),
    ],
  },
  {
    name: 'circle',
    members: [
      ...coloured([...basicColours, 'black', 'white'], 'circle'),
      { label: 'hollow red circle', colour: 'red' },
    ],
  },
  {
    name: 'square',
    members: [
      ...coloured(basicColours, 'square'),
      ...['black', 'white'].flatMap((colour) =>
        ['large', 'medium', 'medium-small', 'small'].map((size) => ({ label: `${colour} ${size} square`, colour })),
      ),
    ],
  },
  {
    name: 'clock',
    members: hours.flatMap((hour) => [
      { label: `${hour} o’clock`, hour, minute: 'o’clock' as const },
      { label: `${hour}-thirty`, hour, minute: 'thirty' as const },
    ]),
  },
  {
    name: 'arrow',
    members: [
      ...plain('up arrow', 'up-right arrow', 'right arrow', 'down-right arrow', 'down arrow', 'down-left arrow'),
      ...plain('left arrow', 'up-left arrow', 'up-down arrow', 'left-right arrow'),
      ...plain('right arrow curving left', 'left arrow curving right'),
      ...plain('right arrow curving up', 'right arrow curving down'),
      ...plain('clockwise vertical arrows', 'counterclockwise arrows button'),
      ...plain('back arrow', 'end arrow', 'on! arrow', 'soon arrow', 'top arrow'),
    ],
  },
  { name: 'keycap', members: plain(...'#*0123456789'.split('').map((key) => `keycap ${key}`), 'keycap 10') },
  {
    name: 'zodiac',
    members: [
      ...plain('aries', 'taurus', 'gemini', 'cancer', 'leo', 'virgo', 'libra'),
      ...plain('scorpio', 'sagittarius', 'capricorn', 'aquarius', 'pisces'),
    ],
  },
];

const familyOf = new Map(
  emojiFamilies.flatMap((family) => family.members.map((member) => [member.label, { family: family.name, member }])),
);

/** The family and the parts of a name, or undefined for an emoji outside the families. */
export function findEmojiFamily(
  label: string,
): { readonly family: EmojiFamilyName; readonly member: EmojiFamilyMember } | undefined {
  return familyOf.get(label);
}
