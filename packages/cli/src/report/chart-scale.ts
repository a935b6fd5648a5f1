// One axis of a chart: the range it shows, where a value falls in it, and ticks at round numbers (1, 2 or 5 times a
// power of ten). Linear or logarithmic. Values that cannot be shown (NaN, infinite, not positive on a logarithmic
// axis) have no place on it.

/** How an axis spaces its values. */
export type ScaleKind = 'linear' | 'log';

/** What {@link chartScale} is to do. */
export interface ChartScaleOptions {
  /** Spacing; `linear` by default. */
  readonly kind?: ScaleKind;
  /** About how many ticks; 5 by default. */
  readonly ticks?: number;
  /** A value the axis must reach, for example 0; ignored on a logarithmic axis. */
  readonly include?: number;
  /** `round` (default) widens a linear axis to whole ticks, `tight` ends it at the data. */
  readonly ends?: 'round' | 'tight';
}

/** A ready axis. */
export interface ChartScale {
  readonly from: number;
  readonly to: number;
  /** Ascending, all within `from` … `to`. */
  readonly ticks: readonly number[];
  /** Where a value falls: 0 at `from`, 1 at `to`, NaN if it cannot be shown. */
  fraction(value: number): number;
}

/** Makes an axis for the values, or returns undefined if none of them can be shown. */
export function chartScale(values: Iterable<number>, options: ChartScaleOptions = {}): ChartScale | undefined {
  const kind = options.kind ?? 'linear';
  const wanted = options.ticks ?? 5;
  const extent = extentOf(values, kind);
  if (extent === undefined) return undefined;
  if (kind === 'log') return logScale(extent, wanted);
  const included = options.include ?? extent.from;
  const reached = { from: Math.min(extent.from, included), to: Math.max(extent.to, included) };
  return linearScale(widenIfFlat(reached), wanted, options.ends ?? 'round');
}

interface Extent {
  readonly from: number;
  readonly to: number;
}

// The outermost magnitudes are left out so that no sum or ratio of two values can overflow or vanish.
function canBeShown(value: number, kind: ScaleKind): boolean {
  return Math.abs(value) < 1e300 && (kind === 'linear' || value > 1e-300);
}

function extentOf(values: Iterable<number>, kind: ScaleKind): Extent | undefined {
  let from = Infinity;
  let to = -Infinity;
  for (const value of values) {
    if (!canBeShown(value, kind)) continue;
    from = Math.min(from, value);
    to = Math.max(to, value);
  }
  return from <= to ? { from, to } : undefined;
}

function widenIfFlat({ from, to }: Extent): Extent {
  const size = Math.max(Math.abs(from), Math.abs(to));
  if (to - from > Math.max(size * 1e-9, 1e-100)) return { from, to };
  const pad = size > 1e-90 ? size * 0.1 : 1;
  return { from: from - pad, to: to + pad };
}

function linearScale(extent: Extent, wanted: number, ends: 'round' | 'tight'): ChartScale {
  const step = niceStep((extent.to - extent.from) / Math.max(1, wanted));
  const slack = 1e-9;
  const first = ends === 'round' ? Math.floor(extent.from / step + slack) : Math.ceil(extent.from / step - slack);
  const last = ends === 'round' ? Math.ceil(extent.to / step - slack) : Math.floor(extent.to / step + slack);
  const ticks: number[] = [];
  for (let index = first; index <= last; index += 1) ticks.push(Number((index * step).toPrecision(12)) + 0);
  const from = Math.min(extent.from, ticks[0] ?? extent.from);
  const to = Math.max(extent.to, ticks.at(-1) ?? extent.to);
  const fraction = (value: number) => (canBeShown(value, 'linear') ? (value - from) / (to - from) : NaN);
  return { from, to, ticks, fraction };
}

function logScale(extent: Extent, wanted: number): ChartScale {
  const span = Math.log10(extent.to) - Math.log10(extent.from);
  const pad = span > 1e-9 ? span * 0.05 : 0.1; // decades
  const low = Math.log10(extent.from) - pad;
  const high = Math.log10(extent.to) + pad;
  const [from, to] = [10 ** low, 10 ** high];
  const ticks = logTicks(low, high, wanted).filter((tick) => tick >= from && tick <= to);
  const fraction = (value: number) => (canBeShown(value, 'log') ? (Math.log10(value) - low) / (high - low) : NaN);
  return { from, to, ticks, fraction };
}

// Less than a decade: round numbers as on a linear axis. Up to two and a half: 1, 2, 5. More: powers of ten.
function logTicks(low: number, high: number, wanted: number): number[] {
  const decades = high - low;
  if (decades < 1) return [...linearScale({ from: 10 ** low, to: 10 ** high }, wanted, 'tight').ticks];
  const leading = decades < 2.5 ? [1, 2, 5] : [1];
  const every = Math.ceil(decades / (wanted + 1));
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power += 1) {
    if (leading.length === 1 && power % every !== 0) continue;
    for (const digit of leading) ticks.push(Number(`${digit}e${power}`));
  }
  return ticks;
}

function niceStep(rough: number): number {
  const power = Math.floor(Math.log10(rough));
  const digit = [1, 2, 5].find((candidate) => candidate * 10 ** power >= rough * (1 - 1e-9));
  return digit === undefined ? Number(`1e${power + 1}`) : Number(`${digit}e${power}`);
}
