// What was run, on what, with what: the key figures at the top of the page, scores, model, data, machine with
// durations, settings and notes. Nothing here has pictures, so all of it is plain synchronous text.

import { exactMatches } from './caption-section.ts';
import { markup, type Markup, type MarkupValue } from './markup.ts';
import { formatCount, formatDuration, formatLargeCount, formatMeasure, formatShare } from './quantity.ts';
import { type Section, table } from './section.ts';
import { smoothed } from './smoothed-line.ts';
import type { ReportScore, TrainingReport } from './training-report.ts';

/** The handful of numbers a reader looks for first. */
export function keyFigures(report: TrainingReport): Markup {
  const last = report.losses.at(-1);
  const lastOf = (pick: (loss: (typeof report.losses)[number]) => number) =>
    formatMeasure(smoothed(report.losses.map(pick)).findLast(Number.isFinite) ?? NaN, 3);
  const figures: readonly (readonly [label: string, value: string, unit: string])[] = [
    ['Model', ...largeCount(report.model.parameters, 'parameter', 'parameters')],
    ['Training data', ...largeCount(report.data.trainItems, 'item', 'items')],
    ...(last === undefined
      ? []
      : ([
          ['Training', ...largeCount(last.step, 'step', 'steps')],
          ['Final text loss', lastOf((loss) => loss.text), 'nats per token'],
          ['Final diffusion loss', lastOf((loss) => loss.diffusion), 'mean squared error'],
        ] as const)),
    ...exactMatches(report.captions)
      .slice(0, 3)
      .map(
        ({ noun, split, correct, of }) =>
          [`Exact captions, ${split}`, formatShare(correct, of), `of ${formatCount(of, noun.one, noun.many)}`] as const,
      ),
  ];
  return markup`<dl class="figures">${figures.map(
    ([label, value, unit]) => markup`<div><dt>${label}</dt><dd><b>${value}</b> <span>${unit}</span></dd></div>\n`,
  )}</dl>`;
}

// A large count and what follows it: `7.35` and `million parameters`.
function largeCount(count: number, one: string, many: string): readonly [value: string, unit: string] {
  const [value = '', scale] = formatLargeCount(count).split(' ');
  const unit = count === 1 ? one : many;
  return [value, scale === undefined ? unit : `${scale} ${unit}`];
}

/** Measured results. */
export function scoreSection(scores: readonly ReportScore[]): Section {
  const rows = scores.map(({ label, value, unit, note }) => {
    const shown = typeof value === 'number' ? formatMeasure(value) : value;
    return [label, unit === undefined ? shown : `${shown} ${unit}`, note];
  });
  const columns = [{ title: 'Score' }, { title: 'Value', kind: 'number' }, { title: 'Note' }] as const;
  return { id: 'scores', title: 'Scores', body: table({ label: 'Scores', columns, rows }) };
}

/** The model and its parts. */
export function modelSection({ parameters, parts }: TrainingReport['model']): Section {
  const body = markup`<p>${formatCount(parameters, 'trainable parameter', 'trainable parameters')} in all.</p>
${
  parts.length === 0
    ? undefined
    : table({
        label: 'Parameters by part',
        columns: [{ title: 'Part' }, { title: 'Parameters', kind: 'number' }, { title: 'Share', kind: 'number' }],
        rows: parts.map((part) => [
          part.name,
          formatCount(part.parameters, 'parameter', 'parameters'),
          formatShare(part.parameters, parameters),
        ]),
      })
}`;
  return { id: 'model', title: 'Model', body };
}

/** What it was trained on, what was kept back, and under which licences. */
export function dataSection({ name, trainItems, heldOut, licences }: TrainingReport['data']): Section {
  const rows = [
    ['training', formatCount(trainItems, 'item', 'items')],
    ...heldOut.map(({ split, items }) => [`${split} (held out)`, formatCount(items, 'item', 'items')]),
  ];
  const columns = [{ title: 'Split' }, { title: 'Size', kind: 'number' }] as const;
  const body = markup`<p>Data set <q>${name}</q>.</p>
${table({ label: 'Splits of the data', columns, rows })}
${licences.length === 0 ? undefined : markup`<h3>Licences</h3>\n${list(licences)}`}`;
  return { id: 'data', title: 'Data', body };
}

/** The machine, and how long each stage took on it. */
export function machineSection(report: Pick<TrainingReport, 'machine' | 'durations'>): Section {
  const { machine, durations } = report;
  const facts: readonly (readonly [string, MarkupValue])[] = [
    ['Processor', machine.cpu],
    ['Cores', formatCount(machine.cores, 'logical core', 'logical cores')],
    ['Memory', `${formatMeasure(machine.memoryGiB, 3)} GiB`],
    ['Platform', machine.platform],
    ['Node.js', machine.node],
    ['Engine', machine.engine],
  ];
  const times = durations.map(({ label, seconds }) => [label, formatDuration(seconds)]);
  const columns = [{ title: 'Stage' }, { title: 'Duration', kind: 'number' }] as const;
  const body = markup`<dl class="facts">${facts.map(([label, value]) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>\n`)}</dl>
${times.length === 0 ? undefined : table({ label: 'Durations', columns, rows: times })}`;
  return { id: 'machine', title: 'Machine and time', body };
}

/** The run's whole configuration, folded. */
export function settingsSection(settings: TrainingReport['settings']): Section {
  const body = markup`<details><summary>The whole resolved configuration, as JSON</summary>
<pre tabindex="0" aria-label="Configuration as JSON"><code>${asJson(settings)}</code></pre></details>`;
  return { id: 'settings', title: 'Settings', body };
}

/** Remarks. */
export function noteSection(notes: readonly string[]): Section {
  return { id: 'notes', title: 'Notes', body: list(notes) };
}

function list(texts: readonly string[]): Markup {
  return markup`<ul class="lines">${texts.map((text) => markup`<li>${text}</li>\n`)}</ul>`;
}

// JSON knows neither NaN nor big integers; a report should show them rather than null or a failure.
function asJson(settings: TrainingReport['settings']): string {
  const shown = (_key: string, value: unknown) =>
    typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
  return JSON.stringify(settings, shown, 2);
}
