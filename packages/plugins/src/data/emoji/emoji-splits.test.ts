import { beforeAll, describe, expect, it } from 'vitest';
import { type EmojiName, readCatalogue } from './emoji-catalogue.ts';
import { type EmojiDrawings, openDrawings } from './emoji-drawings.ts';
import { emojiFamilies } from './emoji-families.ts';
import { locatePackage, namesPackage, stylePackages } from './emoji-packages.ts';
import { type AssignedPicture, createSplitRule, settleSplits } from './emoji-splits.ts';
import { type EmojiStyle, emojiStyles } from './emoji-style.ts';
import { assertWordsCovered, uncoveredWords } from './emoji-word-cover.ts';

let full: readonly EmojiName[];
let compositional: readonly EmojiName[];
let all: readonly AssignedPicture[];
const drawings = new Map<EmojiStyle, EmojiDrawings>();

beforeAll(async () => {
  const names = await locatePackage(namesPackage, [import.meta.url]);
  full = await readCatalogue(names, 'full');
  compositional = await readCatalogue(names, 'compositional');
  for (const style of emojiStyles) {
    drawings.set(style, await openDrawings(style, await locatePackage(stylePackages[style], [import.meta.url])));
  }
  all = assign(full);
});

/** Every picture that can be drawn, with its split; twins are still among them. */
function assign(names: readonly EmojiName[], styles: readonly EmojiStyle[] = emojiStyles): readonly AssignedPicture[] {
  const splitOf = createSplitRule(names);
  return settleSplits(
    styles.flatMap((style) =>
      names.flatMap((name) =>
        drawings.get(style)!(name.code) === undefined
          ? []
          : [{ style, label: name.label, split: splitOf(name, style) }],
      ),
    ),
  );
}

const ids = (pictures: readonly AssignedPicture[], split: string) =>
  pictures.filter((picture) => picture.split === split).map(({ style, label }) => `${style}/${label}`);
const labels = (pictures: readonly AssignedPicture[], split: string) =>
  new Set(pictures.filter((picture) => picture.split === split).map(({ label }) => label));

describe('the names', () => {
  it('of the compositional subset are the 113 of the families, each drawn in every style', () => {
    const members = emojiFamilies.flatMap((family) => family.members.map((member) => member.label));
    expect(compositional.map(({ label }) => label).toSorted()).toEqual(members.toSorted());
    expect(new Set(members).size).toBe(113);
    expect(assign(compositional)).toHaveLength(113 * 4);
  });

  it('of the full subset are 1,644 without a tone and 1,650 with one, all different, none a flag', () => {
    expect(full.filter(({ tone }) => tone === undefined)).toHaveLength(1644);
    expect(full.filter(({ tone }) => tone !== undefined)).toHaveLength(1650);
    expect(full.filter(({ hasTones }) => hasTones)).toHaveLength(330);
    expect(new Set(full.map(({ label }) => label)).size).toBe(3294);
    const known = new Set(full.map(({ label }) => label));
    for (const label of ['chequered flag', 'flag, norway', 'light skin tone', 'curly hair'])
      expect(known).not.toContain(label);
    expect(known).toContain('man, curly hair');
    expect(all).toHaveLength(12_837);
  });

  it('have tones that point to their base', () => {
    const bases = new Set(full.filter(({ hasTones }) => hasTones).map(({ label }) => label));
    const tones = full.flatMap(({ tone }) => (tone === undefined ? [] : [tone]));
    expect(tones.filter(({ base }) => !bases.has(base))).toEqual([]);
    expect(new Set(tones.map(({ index }) => index))).toEqual(new Set([0, 1, 2, 3, 4]));
  });
});

describe('the held-out splits', () => {
  it('of colour and shape hold six pairs in two styles each, hearts in noto among them', () => {
    const held = ids(assign(compositional), 'colour-shape');
    expect(held).toHaveLength(12);
    const pairs = ['blue heart', 'orange heart', 'green circle', 'brown circle', 'purple square', 'yellow square'];
    for (const pair of pairs) {
      expect(held.filter((id) => id.endsWith(`/${pair}`))).toHaveLength(2);
    }
    expect(held).toEqual(expect.arrayContaining(['noto/blue heart', 'noto/orange heart']));
  });

  it('of clocks hold five faces of five hours in one style each, never all of a face or an hour', () => {
    const pictures = assign(compositional);
    const held = ids(pictures, 'clock');
    expect(held).toHaveLength(5);
    expect(new Set(held.map((id) => id.split(/[/\s-]/).at(-2))).size).toBe(5);
    const trained = labels(pictures, 'train');
    for (const label of labels(pictures, 'clock')) expect(trained).toContain(label);
  });

  it('are the same for a family’s picture in both subsets', () => {
    const inFull = new Map(all.map((picture) => [`${picture.style}/${picture.label}`, picture.split]));
    const moved = assign(compositional).filter(({ style, label, split }) => inFull.get(`${style}/${label}`) !== split);
    expect(moved).toEqual([]);
  });

  it('of tones hold one tone of about half of the people and hands, in every style', () => {
    const pictures = all;
    const held = labels(pictures, 'tone');
    expect(held.size).toBeGreaterThan(330 * 0.4);
    expect(held.size).toBeLessThan(330 * 0.6);
    const toned = full.filter(({ label }) => held.has(label));
    expect(new Set(toned.map(({ tone }) => tone!.base)).size).toBe(held.size);
    expect(new Set(toned.map(({ tone }) => tone!.index))).toEqual(new Set([0, 1, 2, 3, 4]));
    const trained = labels(pictures, 'train');
    expect([...held].filter((label) => trained.has(label))).toEqual([]);
  });

  it('of roles hold the man or the woman of 13 roles, never both', () => {
    const untoned = [...labels(all, 'role-gender')].filter((label) => !label.includes('skin tone'));
    expect(untoned).toHaveLength(13);
    for (const label of untoned) expect(label).toMatch(/^(man|woman) /);
    expect(new Set(untoned.map((label) => label.replace(/^(man|woman) /, ''))).size).toBe(13);
  });

  it('of mirrored people hold 5 of 18', () => {
    const untoned = [...labels(all, 'facing-right')].filter((label) => !label.includes('skin tone'));
    expect(untoned).toHaveLength(5);
  });

  it('of styles hold one style of a name that training shows in another', () => {
    const pictures = all;
    const held = ids(pictures, 'style');
    expect(held.length).toBeGreaterThan(100);
    expect(new Set(held.map((id) => id.split('/')[1])).size).toBe(held.length);
    const trained = labels(pictures, 'train');
    for (const label of labels(pictures, 'style')) expect(trained).toContain(label);
  });

  it('of novel emoji hold every picture of a name', () => {
    const pictures = all;
    const novel = labels(pictures, 'novel');
    expect(novel.size).toBeGreaterThan(30);
    expect(pictures.filter(({ label, split }) => novel.has(label) !== (split === 'novel'))).toEqual([]);
  });

  it('depend on nothing but names and styles', () => {
    const reversed = assign(full.toReversed());
    const sorted = (pictures: readonly AssignedPicture[]) =>
      pictures.map(({ style, label, split }) => `${style}/${label} ${split}`).toSorted();
    expect(sorted(reversed)).toEqual(sorted(all));
  });
});

describe('the words of held-out captions', () => {
  it('all occur in training, whichever styles are chosen', () => {
    for (let chosen = 1; chosen < 16; chosen++) {
      const styles = emojiStyles.filter((_, bit) => (chosen >> bit) % 2 === 1);
      for (const names of [compositional, full]) {
        const pictures = assign(names, styles);
        expect(uncoveredWords(pictures), styles.join(' ')).toEqual(new Map());
        expect(() => assertWordsCovered(pictures)).not.toThrow();
      }
    }
  });

  it('are named where training lacks them', () => {
    const pictures: AssignedPicture[] = [
      { style: 'noto', label: 'red heart', split: 'train' },
      { style: 'noto', label: 'red kite', split: 'style' },
      { style: 'noto', label: 'abacus', split: 'novel' },
    ];
    expect(uncoveredWords(pictures)).toEqual(new Map([['style', ['kite']]]));
    expect(() => assertWordsCovered(pictures)).toThrow(/split style: found words that no training caption has: kite/);
  });
});

describe('settleSplits', () => {
  it('calls a style hold-out novel where no other style shows the name', () => {
    const picture = { style: 'noto', label: 'bone', split: 'style' } as const;
    expect(settleSplits([picture])).toEqual([{ ...picture, split: 'novel' }]);
    const trained = { style: 'twemoji', label: 'bone', split: 'train' } as const;
    expect(settleSplits([picture, trained])).toEqual([picture, trained]);
  });
});
