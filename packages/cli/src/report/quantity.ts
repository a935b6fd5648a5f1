// Numbers as a reader wants them, always with their unit: counts with thousands separators, durations in the two
// largest units that matter, measurements to a few significant digits. Output does not depend on the machine's locale.

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count with its unit: `formatCount(1, 'item', 'items')` is `1 item`, 4012 gives `4,012 items`. */
export function formatCount(count: number, one: string, many: string): string {
  return Number.isFinite(count) ? `${grouped.format(count)} ${count === 1 ? one : many}` : `unknown ${many}`;
}

/** A large count to three digits: 12,345,678 gives `12.3 million`; below 10,000 it is exact. */
export function formatLargeCount(count: number): string {
  if (!Number.isFinite(count)) return 'unknown';
  if (Math.abs(count) >= 999.5e6) return `${threeDigits(count / 1e9)} billion`;
  if (Math.abs(count) >= 999.5e3) return `${threeDigits(count / 1e6)} million`;
  return grouped.format(count);
}

/** A duration given in seconds: `250 ms`, `12.3 s`, `4 min 5 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'unknown';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${grouped.format(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A measured number to `digits` significant digits (4 by default); very small ones as `3×10⁻⁵`, NaN as `not measured`. */
export function formatMeasure(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'not measured';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : 'minus infinite';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e15)) return powerOfTen(value, digits);
  const rounded = Number(value.toPrecision(digits));
  return Math.abs(rounded) >= 10 ** (digits - 1) ? grouped.format(value) : String(rounded);
}

/** A part of a whole as `12.5 %`; `not defined` where the whole is zero. */
export function formatShare(part: number, whole: number): string {
  return whole > 0 && Number.isFinite(part) ? `${Number(((part / whole) * 100).toFixed(1))} %` : 'not defined';
}

/** The shortest text of a tick on an axis that ends at `largest`: `0.05`, `2,000` (`2k` from 10,000 on), `3M`, `3×10⁻⁴`. */
export function formatTick(value: number, largest: number = value): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e10) return powerOfTen(value, 6);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(6))}M`;
  if (size >= 1e3 && Math.max(size, Math.abs(largest)) >= 1e4) return `${Number((value / 1e3).toPrecision(6))}k`;
  if (size >= 1e3) return grouped.format(value);
  return String(Number(value.toPrecision(6)));
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function powerOfTen(value: number, digits: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const raised = [...String(Number(exponent))].map((sign) => superscripts[sign] ?? sign).join('');
  return `${Number(mantissa)}×10${raised}`;
}

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};
