import { describe, expect, it } from 'vitest';
import { formatCount, formatDuration, formatLargeCount, formatMeasure, formatShare, formatTick } from './quantity.ts';

describe('quantities', () => {
  it('counts with separators and the right unit', () => {
    expect(formatCount(1, 'item', 'items')).toBe('1 item');
    expect(formatCount(4012, 'item', 'items')).toBe('4,012 items');
    expect(formatCount(NaN, 'item', 'items')).toBe('unknown items');
  });

  it('shortens large counts and keeps small ones exact', () => {
    expect([9_870, 7_345_152, 999_999, 2_500_000_000].map(formatLargeCount)).toEqual([
      '9,870',
      '7.35 million',
      '1 million',
      '2.5 billion',
    ]);
  });

  it('shows durations in the units that matter, without ever reaching 60 of one', () => {
    expect([0.25, 0.9999, 12.34, 59.99, 245, 3599.9, 7800, NaN].map(formatDuration)).toEqual([
      '250 ms',
      '1 s',
      '12.3 s',
      '1 min 0 s',
      '4 min 5 s',
      '1 h 0 min',
      '2 h 10 min',
      'unknown',
    ]);
  });

  it('shows measurements to four digits, tiny ones as powers of ten, missing ones in words', () => {
    expect([0, 0.031249, 7.6, 2100, 13_812.4, 3e-5, -2e-4, NaN, Infinity].map((value) => formatMeasure(value))).toEqual(
      ['0', '0.03125', '7.6', '2,100', '13,812', '3×10⁻⁵', '-2×10⁻⁴', 'not measured', 'infinite'],
    );
  });

  it('shows shares in percent and does not divide by zero', () => {
    expect(formatShare(1, 3)).toBe('33.3 %');
    expect(formatShare(0, 0)).toBe('not defined');
  });

  it('writes the ticks of one axis in one scale', () => {
    expect([0, 2_000, 4_000].map((tick) => formatTick(tick, 4_000))).toEqual(['0', '2,000', '4,000']);
    expect([0, 5_000, 10_000].map((tick) => formatTick(tick, 10_000))).toEqual(['0', '5k', '10k']);
    expect([0.05, 1e-4, 3e6].map((tick) => formatTick(tick))).toEqual(['0.05', '1×10⁻⁴', '3M']);
  });
});
