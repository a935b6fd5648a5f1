// What the model made: for the same captions through training, so that one sees (or hears) it emerge; by the finished
// model for captions it saw; and for captions kept back, beside the real value. Pictures, sounds and clips stand in
// groups of their own. Values are encoded as the sections are built.

import type { Medium } from '../media/medium.ts';
import { byKind, bySplit, type Indexed, type KindGroup } from './by-kind.ts';
import { markup, type Markup } from './markup.ts';
import { formatCount } from './quantity.ts';
import { scrollBox, type Section } from './section.ts';
import { shownValue } from './shown-value.ts';
import type { ReportDrawing, ReportHeldOutDrawing, ReportProgressGrid, ReportSample } from './training-report.ts';

/** Rows are training steps, columns are captions; a table for every kind of value. */
export async function progressSection(grids: readonly ReportProgressGrid[]): Promise<Section> {
  const widest = grids.reduce<readonly ReportSample[]>(
    (most, grid) => (grid.samples.length > most.length ? grid.samples : most),
    [],
  );
  const kinds = byKind(widest, ({ value }) => value);
  const tables = await Promise.all(kinds.map((kind) => progressTable(grids, kind)));
  return {
    id: 'progress',
    title: `${kinds.length === 1 ? upper(kinds[0]!.medium.noun.many) : 'Samples'} emerging`,
    body: markup`<p>Each row shows the same captions, given to the model as it was after that many training steps.</p>
${tables}`,
  };
}

/** The finished model on captions of the training data. */
export async function trainedSection(drawings: readonly ReportDrawing[]): Promise<Section> {
  const kinds = byKind(drawings, valueOf);
  const groups = await Promise.all(
    kinds.map(
      async ({ medium, items }) => markup`${kinds.length > 1 ? markup`<h3>${upper(medium.noun.many)}</h3>` : undefined}
<div class="drawings">${await drawingCards(items, medium, 'trained')}</div>\n`,
    ),
  );
  return {
    id: 'trained',
    title: 'Captions it saw',
    body: markup`<p>Made by the finished model for captions that were in its training data.</p>
${groups}`,
  };
}

/** The finished model on captions kept back from training, by split. */
export async function heldOutSection(drawings: readonly ReportHeldOutDrawing[]): Promise<Section> {
  const kinds = byKind(drawings, valueOf);
  const groups = await Promise.all(
    kinds.flatMap(({ medium, items: ofKind }) =>
      bySplit(ofKind).map(async ({ split, items }) => {
        const { one, many } = medium.noun;
        return markup`<h3>Split <q>${split}</q>: ${formatCount(items.length, one, many)}</h3>
<div class="drawings">${await drawingCards(items, medium, 'heldOut')}</div>\n`;
      }),
    ),
  );
  const ones = kinds.map(({ medium }) => medium.noun.one).join(' or ');
  return {
    id: 'held-out',
    title: 'Never seen in training',
    body: markup`<p>Made for captions whose ${ones} was kept back from training, beside the real one, which the model never met.</p>
${groups}`,
  };
}

async function progressTable(
  grids: readonly ReportProgressGrid[],
  { medium, items }: KindGroup<ReportSample>,
): Promise<Markup> {
  const heads = items.map(({ item }) => {
    const caption = item.caption === '' ? 'no text' : item.caption;
    return markup`<th scope="col"><span title="${caption}">${caption}</span></th>`;
  });
  const columns = items.map(({ index }) => index);
  const rows = await Promise.all(grids.map((grid, row) => progressRow(grid, row, columns)));
  const content = markup`<table class="progress"><thead><tr><th scope="col">After</th>${heads}</tr></thead><tbody>
${rows}</tbody></table>`;
  return scrollBox(`${upper(medium.noun.many)} by training step and caption`, content);
}

async function progressRow(grid: ReportProgressGrid, row: number, columns: readonly number[]): Promise<Markup> {
  const cells = await Promise.all(
    columns.map(async (column) => {
      const made = grid.samples[column];
      if (made === undefined) return markup`<td><span class="none">none</span></td>`;
      const alt = `“${made.caption}” after ${formatCount(grid.step, 'step', 'steps')}`;
      const place = `progressGrids[${row}].samples[${column}].value`;
      return markup`<td>${await shownValue(made.value, { alt, place })}</td>`;
    }),
  );
  return markup`<tr><th scope="row">${formatCount(grid.step, 'step', 'steps')}</th>${cells}</tr>\n`;
}

async function drawingCards(
  drawings: readonly Indexed<ReportDrawing>[],
  { noun }: Medium,
  list: string,
): Promise<readonly Markup[]> {
  return Promise.all(drawings.map(({ item, index }) => drawingCard(item, noun.one, `${list}[${index}]`)));
}

async function drawingCard(drawing: ReportDrawing, noun: string, place: string): Promise<Markup> {
  const count = drawing.generated.length;
  const generated = await Promise.all(
    drawing.generated.map(async (value, index) => {
      const name = count === 1 ? 'Generated' : `Generated ${index + 1} of ${count}`;
      const options = { alt: `${name} for “${drawing.caption}”`, place: `${place}.generated[${index}]` };
      return markup`<li>${await shownValue(value, options)}<span>generated</span></li>`;
    }),
  );
  const real =
    drawing.real === undefined
      ? undefined
      : markup`<li class="real">${await shownValue(drawing.real, { alt: `The real ${noun} of “${drawing.caption}”`, place: `${place}.real` })}<span>real</span></li>`;
  const none = count === 0 ? markup`<li><span class="none">nothing generated</span></li>` : undefined;
  return markup`<figure class="card"><figcaption>${drawing.caption}</figcaption><ul class="pictures">${generated}${none}${real}</ul></figure>\n`;
}

function valueOf({ generated, real }: ReportDrawing) {
  return generated[0] ?? real;
}

function upper(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
