// Groups what was measured by the split of the data it belongs to, so that trained and never-seen examples are not
// mixed in one figure. Splits come in the order in which they first appear.

/** The items of one split. `index` is an item's place in the list it came from. */
export interface SplitGroup<Item> {
  readonly split: string;
  readonly items: readonly { readonly item: Item; readonly index: number }[];
}

/** Groups items by their split, keeping their order. */
export function bySplit<Item extends { readonly split: string }>(items: readonly Item[]): readonly SplitGroup<Item>[] {
  const groups = new Map<string, { item: Item; index: number }[]>();
  items.forEach((item, index) => {
    const group = groups.get(item.split);
    if (group === undefined) groups.set(item.split, [{ item, index }]);
    else group.push({ item, index });
  });
  return [...groups].map(([split, members]) => ({ split, items: members }));
}
