// How the losses went down: text loss and diffusion loss side by side, each as a smoothed line over the faint raw
// measurements on a logarithmic axis, then learning rate, total loss and speed as small multiples, and the same in
// numbers for those who want to quote them.

import { lineChart, type ChartSeries } from './line-chart.ts';
import { markup, type Markup } from './markup.ts';
import { formatCount, formatMeasure } from './quantity.ts';
import { type Section, table } from './section.ts';
import { smoothed } from './smoothed-line.ts';
import type { ReportLoss } from './training-report.ts';

/** The section on losses and speed. */
export function lossSection(losses: readonly ReportLoss[]): Section {
  const body = markup`<div class="charts">
${lossChart(losses, { id: 'chart-text', title: 'Text loss', unit: 'nats per text token', pick: (loss) => loss.text, colour: 1 })}
${lossChart(losses, { id: 'chart-diffusion', title: 'Diffusion loss', unit: 'mean squared error per latent value', pick: (loss) => loss.diffusion, colour: 2 })}
</div>
<div class="charts small">
${smallChart(losses, { id: 'chart-total', title: 'Total loss', unit: 'weighted sum, smoothed', pick: (loss) => loss.total, colour: 5, smooth: 'yes' })}
${smallChart(losses, { id: 'chart-rate', title: 'Learning rate', unit: 'per step', pick: (loss) => loss.learningRate, colour: 3, smooth: 'no' })}
${smallChart(losses, { id: 'chart-speed', title: 'Speed', unit: 'tokens per second, smoothed', pick: (loss) => loss.tokensPerSecond, colour: 4, smooth: 'yes' })}
${modalityCharts(losses)}
</div>
${losses.length === 0 ? undefined : numbers(losses)}`;
  return { id: 'losses', title: 'Losses and speed', body };
}

/** The diffusion loss of each modality, where there are several. */
function modalityCharts(losses: readonly ReportLoss[]): readonly Markup[] {
  const modalities = [...new Set(losses.flatMap(({ diffusionOf = {} }) => Object.keys(diffusionOf)))].toSorted();
  if (modalities.length < 2) return [];
  return modalities.map((modality, index) =>
    smallChart(
      losses.filter(({ diffusionOf }) => diffusionOf?.[modality] !== undefined),
      {
        id: `chart-diffusion-${index}`,
        title: `Diffusion loss, ${modality}`,
        unit: 'mean squared error, smoothed',
        pick: ({ diffusionOf }) => diffusionOf?.[modality] ?? Number.NaN,
        colour: 2,
        smooth: 'yes',
      },
    ),
  );
}

interface Curve {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly pick: (loss: ReportLoss) => number;
  readonly colour: ChartSeries['colour'];
}

function lossChart(losses: readonly ReportLoss[], curve: Curve): Markup {
  const raw = losses.map(curve.pick);
  const trend = smoothed(raw);
  const series: readonly ChartSeries[] = [
    { label: 'measured', points: pointsOf(losses, raw), colour: curve.colour, weight: 'faint' },
    { label: 'smoothed', points: pointsOf(losses, trend), colour: curve.colour },
  ];
  const sentence = inWords(losses, trend, curve.unit);
  return markup`<figure>${lineChart({
    id: curve.id,
    title: curve.title,
    description: sentence,
    xLabel: 'training step',
    yLabel: `${curve.unit}, logarithmic axis`,
    yScale: 'log',
    series,
  })}<figcaption>${sentence}</figcaption></figure>`;
}

function smallChart(losses: readonly ReportLoss[], curve: Curve & { readonly smooth: 'yes' | 'no' }): Markup {
  const raw = losses.map(curve.pick);
  const values = curve.smooth === 'yes' ? smoothed(raw) : raw;
  return markup`<figure>${lineChart({
    id: curve.id,
    title: curve.title,
    description: inWords(losses, values, curve.unit),
    xLabel: 'training step',
    yLabel: curve.unit,
    yInclude: 0,
    series: [{ label: curve.title, points: pointsOf(losses, values), colour: curve.colour }],
    width: 320,
    height: 200,
  })}</figure>`;
}

function pointsOf(losses: readonly ReportLoss[], values: readonly number[]): ChartSeries['points'] {
  return losses.map((loss, index) => ({ x: loss.step, y: values[index] ?? NaN }));
}

function inWords(losses: readonly ReportLoss[], values: readonly number[], unit: string): string {
  const measured = losses.flatMap(({ step }, index) => {
    const value = values[index] ?? NaN;
    return Number.isFinite(value) ? [{ step, value }] : [];
  });
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) return 'Nothing was measured.';
  const lowest = measured.reduce((low, record) => (record.value < low.value ? record : low));
  const said = (record: { readonly step: number; readonly value: number }) =>
    `${formatMeasure(record.value, 3)} at step ${record.step.toLocaleString('en-US')}`;
  if (first === last) return `${said(first)} (${unit}).`;
  return `From ${said(first)} to ${said(last)}; lowest ${said(lowest)} (${unit}).`;
}

function numbers(losses: readonly ReportLoss[]): Markup {
  const rows = evenly(losses, 12).map((loss) => [
    formatCount(loss.step, 'step', 'steps'),
    formatMeasure(loss.text),
    formatMeasure(loss.diffusion),
    formatMeasure(loss.total),
    formatMeasure(loss.learningRate),
    formatMeasure(loss.tokensPerSecond),
  ]);
  return markup`<details><summary>The same in numbers: ${rows.length} of ${formatCount(losses.length, 'record', 'records')}</summary>
${table({
  label: 'Losses in numbers',
  columns: [
    { title: 'After', kind: 'number' },
    { title: 'Text loss, nats per token', kind: 'number' },
    { title: 'Diffusion loss, mean squared error', kind: 'number' },
    { title: 'Total loss, weighted sum', kind: 'number' },
    { title: 'Learning rate, per step', kind: 'number' },
    { title: 'Speed, tokens per second', kind: 'number' },
  ],
  rows,
})}</details>`;
}

function evenly<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  const stride = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => items[Math.round(index * stride)]).filter(
    (item) => item !== undefined,
  );
}
