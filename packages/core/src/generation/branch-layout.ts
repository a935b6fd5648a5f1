/**
 * What each branch of guidance sees of a sequence. Branches are layouts like any other, made from the sequence by
 * leaving something out, so one way of reading serves them all.
 */
import type { Branch } from '../contracts/guider.ts';
import type { TransfusionModel } from '../model/transfusion-model.ts';
import { type BlockLayout, type DocumentLayout, noTarget } from '../sequence/document-layout.ts';

/** How text is left out. */
export interface BranchOptions {
  /** Ids that stand for every run of text that is left out: a negative prompt; default the dropped-caption token. */
  readonly negative?: readonly number[];
}

/** The sequence as a branch sees it. `conditional` and `weak` see it as it is. */
export function branchLayout(
  layout: DocumentLayout,
  branch: Branch,
  model: TransfusionModel,
  options: BranchOptions = {},
): DocumentLayout {
  if (branch === 'without-text') return withoutText(layout, model, options);
  if (branch === 'without-blocks') return withoutBlocks(layout);
  if (branch === 'unconditional') return withoutText(withoutBlocks(layout), model, options);
  return layout;
}

/** A document under generation: open at its end, nothing in it is a target. */
export function openLayout(ids: readonly number[], blocks: readonly BlockLayout[]): DocumentLayout {
  return { length: ids.length, ids: Int32Array.from(ids), targets: new Int32Array(ids.length).fill(noTarget), blocks };
}

/** How many positions at its beginning a layout has in common with another; a block counts whole or not at all. */
export function commonPrefix(one: DocumentLayout, other: DocumentLayout): number {
  const shorter = Math.min(one.length, other.length);
  let length = 0;
  while (length < shorter && one.ids[length] === other.ids[length]) length++;
  const differs = one.blocks.find((block, index) => {
    const same = other.blocks[index];
    return same === undefined || same.start !== block.start || same.latent.data !== block.latent.data;
  });
  const added = other.blocks[one.blocks.length];
  return Math.min(length, differs?.start ?? length, added?.start ?? length);
}

function withoutText(layout: DocumentLayout, model: TransfusionModel, { negative }: BranchOptions): DocumentLayout {
  const { vocabulary } = model;
  const instead = negative ?? [vocabulary.droppedCaption];
  const ids: number[] = [];
  const blocks: BlockLayout[] = [];
  let next = 0;
  let inText = false;
  layout.ids.forEach((id, position) => {
    if (layout.blocks[next]?.begin === position) blocks.push(movedTo(ids.length, layout.blocks[next++]!));
    if (!isText(id, model)) ids.push(id);
    else if (!inText) ids.push(...instead);
    inText = isText(id, model);
  });
  return openLayout(ids, blocks);
}

function movedTo(begin: number, block: BlockLayout): BlockLayout {
  return { ...block, begin, start: begin + block.start - block.begin };
}

/** Leaves out finished blocks together with their begin and end; the begin of a block to be made stays. */
function withoutBlocks(layout: DocumentLayout): DocumentLayout {
  const left = new Set<number>();
  for (const { begin, start, tokens } of layout.blocks) {
    for (let position = begin; position <= start + tokens; position++) left.add(position);
  }
  return openLayout(
    Array.from(layout.ids).filter((_, position) => !left.has(position)),
    [],
  );
}

function isText(id: number, { vocabulary }: TransfusionModel): boolean {
  return (
    id === vocabulary.droppedCaption ||
    Object.values(vocabulary.discrete).some(({ offset, size }) => id >= offset && id < offset + size)
  );
}
