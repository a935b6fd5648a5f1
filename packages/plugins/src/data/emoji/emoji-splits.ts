/*
 * Which pictures a model trains on and which are kept back to ask it for. Each held-out split asks one question whose
 * answer the training pictures contain in parts: the colour and the shape, but not together in that style; the hour and
 * the half, but not this clock; the person and the skin tone, but not this person in this tone. `novel` is the control:
 * nothing in training tells what those look like. A picture's split follows from its name, its style and a SHA-256 hash,
 * never from the size, and for the names of the families also not from the subset: a model trained on the compositional
 * subset can be asked for the held-out pictures of the full one.
 */
import { createHash } from 'node:crypto';
import type { EmojiReference } from './emoji-caption.ts';
import type { EmojiName } from './emoji-catalogue.ts';
import { emojiFamilies, findEmojiFamily } from './emoji-families.ts';
import { type EmojiStyle, emojiStyles } from './emoji-style.ts';

/** The held-out splits, in the order in which the data set lists them; see `createSplitRule` for each. */
export const emojiHeldOutSplits = [
  'colour-shape',
  'clock',
  'tone',
  'role-gender',
  'facing-right',
  'style',
  'novel',
] as const;

/** The name of a split. */
export type EmojiSplitName = 'train' | (typeof emojiHeldOutSplits)[number];

/** Names the split of a picture. */
export type EmojiSplitRule = (name: EmojiName, style: EmojiStyle) => EmojiSplitName;

/**
 * The rule that assigns every picture to one split.
 *
 * - `colour-shape`: blue and orange heart, green and brown circle, purple and yellow square, each in two of the four
 *   styles (`noto` is one of the two for hearts).
 * - `clock`: five clock faces of five different hours, each in one style.
 * - `tone`: one of the five skin tones, in every style, of about half of all people and hands.
 * - `role-gender`: the man or the woman of 13 of the 28 roles (`mechanic`, `man mechanic`, `woman mechanic`), in every
 *   tone and style.
 * - `facing-right`: 5 of the 18 people who also exist mirrored, in every tone and style.
 * - `style`: about 12 % of the remaining names without tones, each in one style.
 * - `novel`: about 4 % of them, in every style.
 *
 * @param names All names of the subset.
 */
export function createSplitRule(names: readonly EmojiName[]): EmojiSplitRule {
  const labels = new Set(names.filter((name) => name.tone === undefined).map((name) => name.label));
  const roles = [...labels].filter((label) => labels.has(`man ${label}`) && labels.has(`woman ${label}`));
  const roleMembers = new Set(roles.flatMap((role) => [role, `man ${role}`, `woman ${role}`]));
  const roleGender = new Set(
    firstByHash(roles, 'role', 13).map((role) => `${pick(['man', 'woman'], `role-gender:${role}`)} ${role}`),
  );
  const mirrored = [...labels].filter((label) => label.endsWith(', facing right'));
  const facingRight = new Set(firstByHash(mirrored, 'facing-right', 5));

  return (name, style) => {
    const composed = familySplit(name.label, style);
    if (composed !== undefined) return composed;
    const base = name.tone?.base ?? name.label;
    if (roleGender.has(base)) return 'role-gender';
    if (facingRight.has(base)) return 'facing-right';
    if (name.tone !== undefined) {
      const chosen = fraction(`tone:${base}`) < 0.5 && name.tone.index === pick([0, 1, 2, 3, 4], `tone-index:${base}`);
      return chosen ? 'tone' : 'train';
    }
    if (name.hasTones || roleMembers.has(base) || base.endsWith(', facing right')) return 'train';
    if (fraction(`novel:${base}`) < 0.04) return 'novel';
    return fraction(`style:${base}`) < 0.12 && style === pick(emojiStyles, `style-of:${base}`) ? 'style' : 'train';
  };
}

/** A picture and its split. */
export interface AssignedPicture extends EmojiReference {
  readonly split: EmojiSplitName;
}

/**
 * Where fewer than four styles are drawn, a picture of `style` may be the only one of its name, which makes it a novel
 * one: such pictures move to `novel`. All others keep their split.
 */
export function settleSplits(pictures: readonly AssignedPicture[]): readonly AssignedPicture[] {
  const trained = new Set(pictures.filter(({ split }) => split === 'train').map(({ label }) => label));
  return pictures.map((picture) =>
    picture.split === 'style' && !trained.has(picture.label) ? { ...picture, split: 'novel' } : picture,
  );
}

const heldOutPairs: readonly string[] = [
  'blue heart',
  'orange heart',
  'green circle',
  'brown circle',
  'purple square',
  'yellow square',
];

const heldOutPairStyles = new Map(
  heldOutPairs.map((label) => {
    const ranked = firstByHash(emojiStyles, `colour-shape:${label}`, 2);
    const styles = !label.endsWith('heart') || ranked.includes('noto') ? ranked : ['noto', ranked[0]!];
    return [label, new Set(styles)] as const;
  }),
);

const heldOutClocks = new Map(
  firstByHash([...new Set(familyMembers('clock').map(({ hour }) => hour!))], 'clock', 5).map((hour) => {
    const faces = familyMembers('clock').filter((face) => face.hour === hour);
    return [pick(faces, `clock-face:${hour}`).label, pick(emojiStyles, `clock-style:${hour}`)] as const;
  }),
);

/** The split of a name that belongs to a family, undefined for all other names. */
function familySplit(label: string, style: EmojiStyle): EmojiSplitName | undefined {
  if (findEmojiFamily(label) === undefined) return undefined;
  if (heldOutPairStyles.get(label)?.has(style) === true) return 'colour-shape';
  return heldOutClocks.get(label) === style ? 'clock' : 'train';
}

function familyMembers(name: string) {
  return emojiFamilies.find((family) => family.name === name)?.members ?? [];
}

/** A number in [0, 1) that looks random and is decided by the key alone: the first 48 bits of its SHA-256. */
function fraction(key: string): number {
  return createHash('sha256').update(`emoji-v1:${key}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

function pick<Choice>(choices: readonly Choice[], key: string): Choice {
  return choices[Math.floor(fraction(key) * choices.length)]!;
}

/** The `count` items whose hashes come first. */
function firstByHash<Item extends string>(items: readonly Item[], key: string, count: number): Item[] {
  return [...items].sort((a, b) => fraction(`${key}:${a}`) - fraction(`${key}:${b}`)).slice(0, count);
}
