// Pictures the model drew: the same captions through training, so that one sees them emerge; the finished model on
// captions it saw; and on captions kept back, beside the real picture. Pictures are encoded as the sections are built.

import { bySplit } from './by-split.ts';
import { markup, type Markup } from './markup.ts';
import { picture } from './picture.ts';
import { formatCount } from './quantity.ts';
import { scrollBox, type Section } from './section.ts';
import type { ReportDrawing, ReportHeldOutDrawing, ReportProgressGrid } from './training-report.ts';

/** Rows are training steps, columns are captions. */
export async function progressSection(grids: readonly ReportProgressGrid[]): Promise<Section> {
  const widest = grids.reduce<ReportProgressGrid['pictures']>(
    (most, grid) => (grid.pictures.length > most.length ? grid.pictures : most),
    [],
  );
  const rows = await Promise.all(grids.map((grid, row) => progressRow(grid, row, widest.length)));
  const heads = widest.map(({ caption }) => markup`<th scope="col"><span title="${caption}">${caption}</span></th>`);
  const content = markup`<table class="progress"><thead><tr><th scope="col">After</th>${heads}</tr></thead><tbody>
${rows}</tbody></table>`;
  return {
    id: 'progress',
    title: 'Pictures emerging',
    body: markup`<p>Each row shows the same captions, drawn by the model as it was after that many training steps.</p>
${scrollBox('Pictures by training step and caption', content)}`,
  };
}

/** The finished model on captions of the training data. */
export async function trainedSection(drawings: readonly ReportDrawing[]): Promise<Section> {
  const cards = await Promise.all(drawings.map((drawing, index) => drawingCard(drawing, `trained[${index}]`)));
  return {
    id: 'trained',
    title: 'Captions it saw',
    body: markup`<p>Drawn by the finished model for captions that were in its training data.</p>
<div class="drawings">${cards}</div>`,
  };
}

/** The finished model on captions kept back from training, by split. */
export async function heldOutSection(drawings: readonly ReportHeldOutDrawing[]): Promise<Section> {
  const groups = await Promise.all(
    bySplit(drawings).map(async ({ split, items }) => {
      const cards = await Promise.all(items.map(({ item, index }) => drawingCard(item, `heldOut[${index}]`)));
      return markup`<h3>Split <q>${split}</q>: ${formatCount(items.length, 'caption', 'captions')}</h3>
<div class="drawings">${cards}</div>\n`;
    }),
  );
  return {
    id: 'held-out',
    title: 'Never seen in this style',
    body: markup`<p>Drawn for captions whose picture was kept back from training, beside the real picture, which the model never saw.</p>
${groups}`,
  };
}

async function progressRow(grid: ReportProgressGrid, row: number, columns: number): Promise<Markup> {
  const cells = await Promise.all(
    Array.from({ length: columns }, async (_, column) => {
      const drawn = grid.pictures[column];
      if (drawn === undefined) return markup`<td><span class="none">none</span></td>`;
      const alt = `“${drawn.caption}” after ${formatCount(grid.step, 'step', 'steps')}`;
      const place = `progressGrids[${row}].pictures[${column}].image`;
      return markup`<td>${await picture(drawn.image, { alt, place })}</td>`;
    }),
  );
  return markup`<tr><th scope="row">${formatCount(grid.step, 'step', 'steps')}</th>${cells}</tr>\n`;
}

async function drawingCard(drawing: ReportDrawing, place: string): Promise<Markup> {
  const count = drawing.generated.length;
  const generated = await Promise.all(
    drawing.generated.map(async (image, index) => {
      const name = count === 1 ? 'Generated' : `Generated ${index + 1} of ${count}`;
      const options = { alt: `${name} for “${drawing.caption}”`, place: `${place}.generated[${index}]` };
      return markup`<li>${await picture(image, options)}<span>generated</span></li>`;
    }),
  );
  const real =
    drawing.real === undefined
      ? undefined
      : markup`<li class="real">${await picture(drawing.real, { alt: `The real picture of “${drawing.caption}”`, place: `${place}.real` })}<span>real</span></li>`;
  const none = count === 0 ? markup`<li><span class="none">nothing generated</span></li>` : undefined;
  return markup`<figure class="card"><figcaption>${drawing.caption}</figcaption><ul class="pictures">${generated}${none}${real}</ul></figure>\n`;
}
