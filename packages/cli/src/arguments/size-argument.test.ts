import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSize } from './size-argument.ts';

describe('a size', () => {
  it.each([
    ['48x32', { width: 48, height: 32 }],
    ['48 × 32', { width: 48, height: 32 }],
    ['8x32x16', { frames: 8, width: 32, height: 16 }],
    ['1.5s', { seconds: 1.5 }],
    ['.25 S', { seconds: 0.25 }],
    [' {"points": 512}', { points: 512 }],
  ])('is read from %s', (text, size) => {
    expect(parseSize(text)).toEqual(size);
  });

  it.each([
    '',
    '48',
    '48x',
    'x32',
    '0x32',
    '1x2x3x4',
    '1.5',
    '0s',
    '-1s',
    '4.5x3',
    '{}',
    '{"width":"wide"}',
    '{"a":-1}',
    '[3]',
    '{a:1}',
  ])('is not %s, and the refusal says what would be one', (text) => {
    expect(() => parseSize(text)).toThrow(/48x32.*\{"points":512\}|not JSON/u);
  });

  it('is read as it was written, whatever the numbers', () => {
    const side = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(side, side, side, (frames, width, height) => {
        expect(parseSize(`${width}x${height}`)).toEqual({ width, height });
        expect(parseSize(`${frames}x${width}x${height}`)).toEqual({ frames, width, height });
        expect(parseSize(`${frames / 8}s`)).toEqual({ seconds: frames / 8 });
      }),
    );
  });
});
