import { describe, expect, it } from 'vitest';
import { type ChartSeries, lineChart, type LineChartOptions } from './line-chart.ts';

const draw = (points: ChartSeries['points'], changes: Partial<LineChartOptions> = {}): string =>
  lineChart({
    id: 'chart',
    title: 'Loss',
    description: 'It falls.',
    xLabel: 'training step',
    yLabel: 'nats per token',
    series: [{ label: 'loss', points, colour: 1 }],
    ...changes,
  }).text;

const seriesPath = (svg: string): string => /<g class="series[^>]*><path d="([^"]*)"/u.exec(svg)?.[1] ?? '';

describe('line chart', () => {
  it('has a title, a description, a unit, an axis label and ticks', () => {
    const svg = draw([0, 1, 2].map((x) => ({ x: x * 5000, y: 4 - x })));
    expect(svg).toContain('role="img" aria-labelledby="chart-title chart-desc"');
    expect(svg).toContain('<title id="chart-title">Loss</title><desc id="chart-desc">It falls.</desc>');
    expect(svg).toContain('>nats per token</text>');
    expect(svg).toContain('>training step</text>');
    for (const tick of ['2', '4', '5k', '10k']) expect(svg).toContain(`>${tick}</text>`);
  });

  it('places the highest value at the top and the last step at the right', () => {
    const svg = draw([
      { x: 0, y: 0 },
      { x: 100, y: 10 },
    ]);
    expect(seriesPath(svg)).toMatch(/^M[\d.]+ 232L422 48$/u); // the plot: 48 … 270 - 38, … 440 - 18
  });

  it('says so when there is nothing to show', () => {
    for (const svg of [draw([]), draw([{ x: 1, y: NaN }]), draw([{ x: 1, y: 0 }], { yScale: 'log' })]) {
      expect(svg).toContain('No measurements');
      expect(svg).not.toContain('NaN');
    }
  });

  it('shows one point as a dot inside the frame', () => {
    const svg = draw([{ x: 7, y: 3 }]);
    const [, x, y] = /<circle cx="([\d.]+)" cy="([\d.]+)"/u.exec(svg) ?? [];
    expect(Number(x)).toBeGreaterThan(30);
    expect(Number(x)).toBeLessThan(422);
    expect(Number(y)).toBeGreaterThan(48);
    expect(Number(y)).toBeLessThan(232);
  });

  it('leaves a gap where a value is NaN, infinite, or not positive on a logarithmic axis', () => {
    const svg = draw(
      [1, 2, NaN, 4, 5, Infinity, 7, 8, 0, 9, 10].map((y, x) => ({ x, y })),
      { yScale: 'log' },
    );
    expect(seriesPath(svg).match(/M/gu)).toHaveLength(4);
    expect(svg).not.toMatch(/NaN|Infinity/u);
  });

  it('has a legend for several series only', () => {
    const points = [
      { x: 0, y: 1 },
      { x: 1, y: 2 },
    ];
    const two = [
      { label: 'measured', points, colour: 1, weight: 'faint' },
      { label: 'smoothed', points, colour: 1 },
    ] as const;
    expect(draw(points)).not.toContain('>loss</text>');
    const svg = draw(points, { series: two });
    expect(svg).toContain('>measured</text>');
    expect(svg).toContain('<g class="series series-1 faint">');
  });

  it('escapes its texts', () => {
    expect(draw([], { title: '</title><script>' })).not.toContain('<script>');
  });
});
