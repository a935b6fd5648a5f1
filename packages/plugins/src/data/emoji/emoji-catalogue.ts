/*
 * The names of the data set: which emoji take part, under which label, and how a toned one relates to the one without a
 * tone. Read from emojibase-data, which carries the Unicode CLDR's English short names. Flags and components (bare skin
 * tones, hair) are left out: the origin of some flag drawings is not known well enough, and a component is no picture.
 */
import { findEmojiFamily } from './emoji-families.ts';
import { emojiLabel } from './emoji-caption.ts';
import { brokenPackage, type LocatedPackage, readPackageJson } from './emoji-packages.ts';

/** One name that the styles draw. */
export interface EmojiName {
  /** The name in captions. */
  readonly label: string;
  /** The code points, lower-case hexadecimal, joined by hyphens, without variation selectors: `1f44b-1f3fb`. */
  readonly code: string;
  /** Of a toned emoji: the label without a tone, and which of the five tones it is (0, light, to 4, dark). */
  readonly tone?: { readonly base: string; readonly index: number };
  /** Whether this emoji, having no tone itself, also exists in five tones. */
  readonly hasTones: boolean;
}

/** Which names take part: the families with recombinable names, or everything. */
export type EmojiSubset = 'compositional' | 'full';

/** The names of a subset, in the order of the CLDR; a toned emoji follows its base. */
export async function readCatalogue(names: LocatedPackage, subset: EmojiSubset): Promise<readonly EmojiName[]> {
  const content = await readPackageJson(names, 'en/data.json');
  if (!Array.isArray(content)) throw brokenPackage(names, 'en/data.json, which is not a list');
  const entries = content.filter(isEntry).filter((entry) => !leftOut.has(entry.group));
  if (entries.length === 0) throw brokenPackage(names, 'en/data.json without emoji');
  entries.sort((a, b) => a.order - b.order);
  const all = entries.flatMap(withTones);
  return subset === 'full' ? all : all.filter((name) => findEmojiFamily(name.label) !== undefined);
}

/** The form in which code points are compared: packages disagree on the variation selector FE0F and on case. */
export function normalizedCode(hexcode: string): string {
  return hexcode.toLowerCase().replace(/-fe0f/g, '');
}

/** The parts of an entry of emojibase-data that are used here. */
interface Entry {
  readonly label: string;
  readonly hexcode: string;
  readonly group: number;
  readonly order: number;
  readonly skins?: readonly { readonly label: string; readonly hexcode: string; readonly tone: number | number[] }[];
}

/** emojibase's groups of components and of flags. */
const leftOut: ReadonlySet<number> = new Set([2, 9]);

/** Regional indicators have no group and are no emoji on their own. */
function isEntry(entry: unknown): entry is Entry {
  const { label, hexcode, group, order } = (entry ?? {}) as Partial<Record<keyof Entry, unknown>>;
  const isText = typeof label === 'string' && typeof hexcode === 'string';
  return isText && typeof group === 'number' && typeof order === 'number';
}

function withTones(entry: Entry): EmojiName[] {
  const base = emojiLabel(entry.label);
  const toned = (entry.skins ?? []).flatMap(({ label, hexcode, tone }) =>
    // a list of tones is a pair of people, each with their own: left out, they would outnumber everything else
    typeof tone === 'number'
      ? [{ label: emojiLabel(label), code: normalizedCode(hexcode), tone: { base, index: tone - 1 }, hasTones: false }]
      : [],
  );
  return [{ label: base, code: normalizedCode(entry.hexcode), hasTones: toned.length > 0 }, ...toned];
}
