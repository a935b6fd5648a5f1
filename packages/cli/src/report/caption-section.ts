// Pictures, sounds and clips described by the model: how many captions it wrote exactly as expected, per split, and then
// each value with what was expected and what was written. Long lists show their beginning and fold the rest away.

import type { Medium } from '../media/medium.ts';
import { byKind, bySplit, type SplitGroup } from './by-kind.ts';
import { markup, type Markup } from './markup.ts';
import { shownValue } from './shown-value.ts';
import { formatCount, formatShare } from './quantity.ts';
import { type Section, table } from './section.ts';
import type { ReportCaption } from './training-report.ts';

const shownAtOnce = 24; // cards per split before the fold

/** The exact matches of one kind of value and split, as the summary table and the key figures show them. */
export interface ExactMatches {
  readonly noun: Medium['noun'];
  readonly split: string;
  readonly correct: number;
  readonly of: number;
}

/** Counts exact matches per kind of value and split. */
export function exactMatches(captions: readonly ReportCaption[]): readonly ExactMatches[] {
  return byKind(captions, ({ value }) => value).flatMap(({ medium: { noun }, items: ofKind }) =>
    bySplit(ofKind).map(({ split, items }) => ({
      noun,
      split,
      correct: items.filter(({ item }) => item.correct).length,
      of: items.length,
    })),
  );
}

/** The section on captions written by the model. */
export async function captionSection(captions: readonly ReportCaption[]): Promise<Section> {
  const kinds = byKind(captions, ({ value }) => value);
  const groups = await Promise.all(
    kinds.flatMap(({ medium, items }) => bySplit(items).map((group) => splitGroup(group, medium.noun))),
  );
  const ones = kinds.map(({ medium }) => medium.noun.one).join(' or a ');
  const summary = table({
    label: 'Exact matches per split',
    columns: [
      { title: 'Split' },
      { title: 'Exact matches', kind: 'number' },
      { title: 'Of', kind: 'number' },
      { title: 'Share', kind: 'number' },
    ],
    rows: exactMatches(captions).map(({ noun, split, correct, of }) => [
      split,
      formatCount(correct, 'caption', 'captions'),
      formatCount(of, noun.one, noun.many),
      formatShare(correct, of),
    ]),
  });
  return {
    id: 'captions',
    title: 'Captions it wrote',
    body: markup`<p>The model was given a ${ones} and wrote the caption.</p>
${summary}
${groups}`,
  };
}

async function splitGroup({ split, items }: SplitGroup<ReportCaption>, noun: Medium['noun']): Promise<Markup> {
  const cards = await Promise.all(items.map(({ item, index }) => captionCard(item, index, noun)));
  const rest = cards.slice(shownAtOnce);
  const folded =
    rest.length === 0
      ? undefined
      : markup`<details><summary>${formatCount(rest.length, `more ${noun.one}`, `more ${noun.many}`)}</summary><div class="cards">${rest}</div></details>`;
  return markup`<h3>Split <q>${split}</q>: ${formatCount(items.length, noun.one, noun.many)}</h3>
<div class="cards">${cards.slice(0, shownAtOnce)}</div>${folded}\n`;
}

async function captionCard(caption: ReportCaption, index: number, noun: Medium['noun']): Promise<Markup> {
  const alt = `The ${noun.one} ${caption.id}, which is “${caption.expected}”`;
  const value = await shownValue(caption.value, { alt, place: `captions[${index}].value` });
  const verdict = caption.correct
    ? markup`<p class="verdict correct">✓ exact match</p>`
    : markup`<p class="verdict wrong">✗ differs</p>`;
  return markup`<article class="card captioned">${value}<div>${verdict}<dl>
${texts(caption)}
<dt>${noun.one}</dt><dd class="id">${caption.id}</dd></dl></div></article>\n`;
}

function texts({ written, expected }: ReportCaption): Markup {
  if (written === expected) return markup`<dt>written</dt><dd>${shown(written)}</dd>`;
  return markup`<dt>written</dt><dd>${shown(written)}</dd>
<dt>expected</dt><dd>${shown(expected)}</dd>`;
}

function shown(text: string): string | Markup {
  return text.trim() === '' ? markup`<span class="none">nothing</span>` : text;
}
