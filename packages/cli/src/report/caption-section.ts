// Pictures described by the model: how many captions it wrote exactly as expected, per split, and then each picture
// with what was expected and what was written. Long lists show their beginning and fold the rest away.

import { bySplit, type SplitGroup } from './by-split.ts';
import { markup, type Markup } from './markup.ts';
import { picture } from './picture.ts';
import { formatCount, formatShare } from './quantity.ts';
import { type Section, table } from './section.ts';
import type { ReportCaption } from './training-report.ts';

const shownAtOnce = 24; // cards per split before the fold

/** The exact matches of one split, as the summary table and the key figures show them. */
export interface ExactMatches {
  readonly split: string;
  readonly correct: number;
  readonly of: number;
}

/** Counts exact matches per split. */
export function exactMatches(captions: readonly ReportCaption[]): readonly ExactMatches[] {
  return bySplit(captions).map(({ split, items }) => ({
    split,
    correct: items.filter(({ item }) => item.correct).length,
    of: items.length,
  }));
}

/** The section on captions written by the model. */
export async function captionSection(captions: readonly ReportCaption[]): Promise<Section> {
  const groups = await Promise.all(bySplit(captions).map(splitGroup));
  const summary = table({
    label: 'Exact matches per split',
    columns: [
      { title: 'Split' },
      { title: 'Exact matches', kind: 'number' },
      { title: 'Of', kind: 'number' },
      { title: 'Share', kind: 'number' },
    ],
    rows: exactMatches(captions).map(({ split, correct, of }) => [
      split,
      formatCount(correct, 'caption', 'captions'),
      formatCount(of, 'picture', 'pictures'),
      formatShare(correct, of),
    ]),
  });
  return {
    id: 'captions',
    title: 'Captions it wrote',
    body: markup`<p>The model was shown a picture and wrote its caption.</p>
${summary}
${groups}`,
  };
}

async function splitGroup({ split, items }: SplitGroup<ReportCaption>): Promise<Markup> {
  const cards = await Promise.all(items.map(({ item, index }) => captionCard(item, index)));
  const rest = cards.slice(shownAtOnce);
  const folded =
    rest.length === 0
      ? undefined
      : markup`<details><summary>${formatCount(rest.length, 'more picture', 'more pictures')}</summary><div class="cards">${rest}</div></details>`;
  return markup`<h3>Split <q>${split}</q>: ${formatCount(items.length, 'picture', 'pictures')}</h3>
<div class="cards">${cards.slice(0, shownAtOnce)}</div>${folded}\n`;
}

async function captionCard(caption: ReportCaption, index: number): Promise<Markup> {
  const alt = `Picture ${caption.id}, which shows “${caption.expected}”`;
  const image = await picture(caption.image, { alt, place: `captions[${index}].image` });
  const verdict = caption.correct
    ? markup`<p class="verdict correct">✓ exact match</p>`
    : markup`<p class="verdict wrong">✗ differs</p>`;
  return markup`<article class="card captioned">${image}<div>${verdict}<dl>
${texts(caption)}
<dt>picture</dt><dd class="id">${caption.id}</dd></dl></div></article>\n`;
}

function texts({ written, expected }: ReportCaption): Markup {
  if (written === expected) return markup`<dt>written</dt><dd>${shown(written)}</dd>`;
  return markup`<dt>written</dt><dd>${shown(written)}</dd>
<dt>expected</dt><dd>${shown(expected)}</dd>`;
}

function shown(text: string): string | Markup {
  return text.trim() === '' ? markup`<span class="none">nothing</span>` : text;
}
