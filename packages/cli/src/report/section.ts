// One section of the page: a heading that the table of contents links to, and what stands under it. Also the small
// shared shapes of content: tables that scroll sideways on a phone, and counted numbers.

import { markup, type Markup, type MarkupValue } from './markup.ts';

/** A section, ready to be placed. */
export interface Section {
  /** Unique on the page; the anchor of its link. */
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** One column of a {@link table}. */
interface TableColumn {
  readonly title: string;
  /** `number` sets the cells flush right in figures of equal width; `text` by default. */
  readonly kind?: 'text' | 'number';
}

/** What {@link table} lays out. */
export interface TableOptions {
  /** Names the table for readers who do not see it. */
  readonly label: string;
  readonly columns: readonly TableColumn[];
  /** Cells by row; the first cell heads its row. */
  readonly rows: readonly (readonly MarkupValue[])[];
}

/** A table with a header row and a header column, in a box that scrolls by touch, wheel and arrow keys. */
export function table(options: TableOptions): Markup {
  const head = options.columns.map((column) => markup`<th scope="col"${kindOf(column)}>${column.title}</th>`);
  const rows = options.rows.map(
    (cells) => markup`<tr>${cells.map((cell, index) => tableCell(cell, index, options.columns[index]))}</tr>\n`,
  );
  return scrollBox(options.label, markup`<table><thead><tr>${head}</tr></thead><tbody>\n${rows}</tbody></table>`);
}

/** A box that scrolls sideways when its content is wider than the page, reachable by keyboard. */
export function scrollBox(label: string, content: Markup): Markup {
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}

function tableCell(cell: MarkupValue, index: number, column: TableColumn | undefined): Markup {
  const kind = column === undefined ? undefined : kindOf(column);
  return index === 0 ? markup`<th scope="row"${kind}>${cell}</th>` : markup`<td${kind}>${cell}</td>`;
}

function kindOf(column: TableColumn): Markup | undefined {
  return column.kind === 'number' ? markup` class="number"` : undefined;
}
