// Groups what is shown by the kind of value it is, pictures, sounds or clips, and then by the split of the data it
// belongs to, so that one figure never mixes what cannot be compared. Groups come in the order in which they first appear.

import type { Medium } from '../media/medium.ts';
import { mediumOfValue } from '../media/media.ts';
import { picture } from '../media/picture.ts';
import type { ReportValue } from './training-report.ts';

/** An item, and its place in the list it came from. */
export interface Indexed<Item> {
  readonly item: Item;
  readonly index: number;
}

/** The items of one kind of value. */
export interface KindGroup<Item> {
  readonly medium: Medium;
  readonly items: readonly Indexed<Item>[];
}

/** The items of one split. */
export interface SplitGroup<Item> {
  readonly split: string;
  readonly items: readonly Indexed<Item>[];
}

/** Groups items by the kind of a value of theirs; what has none counts as a picture. */
export function byKind<Item>(
  items: readonly Item[],
  valueOf: (item: Item) => ReportValue | undefined,
): readonly KindGroup<Item>[] {
  const indexed = items.map((item, index) => ({ item, index }));
  const groups = grouped(indexed, ({ item }) => mediumOfValue(valueOf(item)) ?? picture);
  return groups.map(([medium, members]) => ({ medium, items: members }));
}

/** Groups items by their split. */
export function bySplit<Item extends { readonly split: string }>(
  items: readonly Indexed<Item>[],
): readonly SplitGroup<Item>[] {
  return grouped(items, ({ item }) => item.split).map(([split, members]) => ({ split, items: members }));
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): readonly (readonly [Key, Item[]])[] {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups];
}
