// A line chart as one inline SVG: title, unit, legend, axes with round ticks, one path per series. A pure function of
// its options. Colours come from the page's style sheet by class (`chart`, `grid`, `axis`, `series-1` …); without one
// the lines are drawn in the current text colour.

import { type ChartScale, chartScale, type ScaleKind } from './chart-scale.ts';
import { linePath } from './line-path.ts';
import { markup, type Markup } from './markup.ts';
import { formatTick } from './quantity.ts';

/** One line of a chart. */
export interface ChartSeries {
  /** Its name in the legend. */
  readonly label: string;
  /** In drawing order; NaN or infinite coordinates, and values ≤ 0 on a logarithmic axis, leave a gap. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Which of the page's series colours. */
  readonly colour: 1 | 2 | 3 | 4 | 5;
  /** `faint` for raw measurements behind a trend; `strong` by default. */
  readonly weight?: 'strong' | 'faint';
}

/** What {@link lineChart} draws. */
export interface LineChartOptions {
  /** Unique on the page; letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** What a reader who cannot see the chart should know. */
  readonly description: string;
  /** What the horizontal axis counts, with its unit. */
  readonly xLabel: string;
  /** The unit of the vertical axis. */
  readonly yLabel: string;
  /** Spacing of the vertical axis; `linear` by default. */
  readonly yScale?: ScaleKind;
  /** A value a linear vertical axis must reach, for example 0. */
  readonly yInclude?: number;
  readonly series: readonly ChartSeries[];
  /** In SVG units; 440 by default. */
  readonly width?: number;
  /** In SVG units; 270 by default. */
  readonly height?: number;
}

/**
 * Draws a line chart. With nothing to show it is an empty frame that says so.
 *
 * @example
 * ```ts
 * const chart = lineChart({
 *   id: 'loss', title: 'Loss', description: 'Falls from 2 to 1.', xLabel: 'training step', yLabel: 'nats per token',
 *   series: [{ label: 'loss', colour: 1, points: [{ x: 1, y: 2 }, { x: 2, y: 1 }] }],
 * });
 * console.assert(chart.text.startsWith('<svg'));
 * ```
 */
export function lineChart(options: LineChartOptions): Markup {
  const { id, series, width = 440, height = 270 } = options;
  const points = series.flatMap((line) => line.points);
  const xScale = chartScale(
    points.map((point) => point.x),
    { ticks: Math.floor(width / 90), ends: 'tight' },
  );
  const yScale = chartScale(
    points.map((point) => point.y),
    {
      kind: options.yScale ?? 'linear',
      ...(options.yInclude === undefined ? {} : { include: options.yInclude }),
    },
  );
  const ready = xScale !== undefined && yScale !== undefined;
  const plot: Plot = {
    left: 14 + textWidth(longest(tickTexts(yScale)), 11),
    right: width - 18,
    top: series.length > 1 ? 66 : 48,
    bottom: height - 38,
  };
  return markup`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" font-size="11" fill="currentColor">
<title id="${id}-title">${options.title}</title><desc id="${id}-desc">${options.description}</desc>
<text class="chart-title" x="0" y="14" font-size="13" font-weight="600">${options.title}</text>
<text class="chart-label" x="0" y="31">${options.yLabel}</text>
${series.length > 1 ? legend(series) : undefined}
${ready ? grid(plot, xScale, yScale) : frame(plot)}
<text class="chart-label" x="${(plot.left + plot.right) / 2}" y="${height - 4}" text-anchor="middle">${options.xLabel}</text>
${ready ? series.map((line) => drawn(line, plot, xScale, yScale)) : undefined}
</svg>`;
}

interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function legend(series: readonly ChartSeries[]): readonly Markup[] {
  let x = 0;
  return series.map((line) => {
    const start = x;
    x += 26 + textWidth(line.label, 11) + 20;
    return markup`<path class="${classOf(line)}" d="M${start} 47h20" fill="none" stroke="currentColor"/><text class="chart-label" x="${start + 26}" y="51">${line.label}</text>`;
  });
}

function grid(plot: Plot, xScale: ChartScale, yScale: ChartScale): readonly Markup[] {
  const [rowTexts, columnTexts] = [tickTexts(yScale), tickTexts(xScale)];
  const rows = yScale.ticks.map((tick, index) => {
    const y = tenth(plot.bottom - yScale.fraction(tick) * (plot.bottom - plot.top));
    return markup`<path class="grid" d="M${plot.left} ${y}H${plot.right}" stroke="currentColor" stroke-opacity="0.15"/><text class="tick" x="${plot.left - 6}" y="${y + 4}" text-anchor="end">${rowTexts[index]}</text>`;
  });
  const columns = xScale.ticks.map((tick, index) => {
    const x = tenth(plot.left + xScale.fraction(tick) * (plot.right - plot.left));
    return markup`<path class="axis" d="M${x} ${plot.bottom}v4" stroke="currentColor"/><text class="tick" x="${x}" y="${plot.bottom + 16}" text-anchor="middle">${columnTexts[index]}</text>`;
  });
  return [...rows, ...columns, axisLine(plot)];
}

function frame(plot: Plot): Markup {
  const [x, y] = [(plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2];
  return markup`${axisLine(plot)}<text class="chart-label" x="${x}" y="${y}" text-anchor="middle">No measurements</text>`;
}

function axisLine(plot: Plot): Markup {
  return markup`<path class="axis" d="M${plot.left} ${plot.bottom}H${plot.right}" stroke="currentColor"/>`;
}

function drawn(series: ChartSeries, plot: Plot, xScale: ChartScale, yScale: ChartScale): Markup {
  const path = linePath(
    series.points.map(({ x, y }) => ({
      x: plot.left + xScale.fraction(x) * (plot.right - plot.left),
      y: plot.bottom - yScale.fraction(y) * (plot.bottom - plot.top),
    })),
  );
  const line = markup`<path d="${path.line}" fill="none" stroke="currentColor" stroke-linejoin="round"/>`;
  const dots = path.dots.map((dot) => markup`<circle cx="${dot.x}" cy="${dot.y}" r="2.5" stroke="none"/>`);
  return markup`<g class="${classOf(series)}">${path.line === '' ? undefined : line}${dots}</g>`;
}

function classOf(series: ChartSeries): string {
  return `series series-${series.colour} ${series.weight ?? 'strong'}`;
}

function tickTexts(scale: ChartScale | undefined): readonly string[] {
  return (scale?.ticks ?? []).map((tick) => formatTick(tick, scale?.ticks.at(-1)));
}

// The page's font is not known here; this is about right for system sans-serif fonts.
function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.6;
}

function longest(texts: readonly string[]): string {
  return texts.reduce((winner, text) => (text.length > winner.length ? text : winner), '');
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
