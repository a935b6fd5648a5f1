import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestDifference } from '../../../../test/support/tiny-numbers.ts';
import { cutOut, type ImagePlane } from './image-planes.ts';
import { blendNeighbours, blendOver } from './tile-blending.ts';
import { tileGrid, tileStretches } from './tile-grid.ts';

/** Tiles of 1 to 12 latents, overlapping by at most half, on sides of up to 40. */
const cases = fc.record({
  size: fc.integer({ min: 1, max: 12 }),
  share: fc.double({ min: 0, max: 0.5, noNaN: true }),
  height: fc.integer({ min: 1, max: 40 }),
  width: fc.integer({ min: 1, max: 40 }),
});

const picture = (height: number, width: number): ImagePlane => ({
  height,
  width,
  channels: 2,
  data: Float32Array.from({ length: height * width * 2 }, (_, index) => Math.sin(index * 1.7)),
});

describe('tiles', () => {
  it('cover a side without gaps, each overlapping the next alike, none inside the one before', () => {
    fc.assert(
      fc.property(cases, ({ size, share, height }) => {
        const grid = tileGrid({ size, overlap: share }, 1);
        const stretches = tileStretches(height, grid);
        expect(stretches[0]!.begin).toBe(0);
        expect(stretches.at(-1)!.begin + stretches.at(-1)!.count).toBe(height);
        stretches.slice(1).forEach(({ begin, count }, index) => {
          const before = stretches[index]!;
          expect(before.begin + before.count - begin).toBe(grid.overlap);
          expect(count).toBeGreaterThanOrEqual(Math.max(1, grid.overlap));
        });
      }),
    );
  });

  it.each(Object.entries({ blendNeighbours, blendOver }))('of one picture make that picture again: %s', (_, blend) => {
    fc.assert(
      fc.property(cases, ({ size, share, height, width }) => {
        const grid = tileGrid({ size, overlap: share }, 1);
        const whole = picture(height, width);
        const [rows, columns] = [tileStretches(height, grid), tileStretches(width, grid)];
        const tiles = rows.map((row) =>
          columns.map((column) =>
            cutOut(whole, { top: row.begin, left: column.begin, height: row.count, width: column.count }),
          ),
        );
        const result = blend({ rows, columns, overlap: grid.overlap, tiles });
        expect([result.height, result.width]).toEqual([height, width]);
        expect(largestDifference(result.data, whole.data)).toBeLessThan(1e-5);
      }),
    );
  });

  it('fade into each other in a straight line', () => {
    const plain = (value: number, width: number): ImagePlane => ({
      height: 1,
      width,
      channels: 1,
      data: new Float32Array(width).fill(value),
    });
    const two = {
      rows: [{ begin: 0, count: 1 }],
      columns: [
        { begin: 0, count: 6 },
        { begin: 2, count: 6 },
      ],
      overlap: 4,
    };
    const tiles = () => [[plain(0, 6), plain(1, 6)]];
    expect([...blendNeighbours({ ...two, tiles: tiles() }).data]).toEqual([0, 0, 0, 0.25, 0.5, 0.75, 1, 1]);
    const over = blendOver({ ...two, tiles: tiles() }).data;
    [0, 0, 0, 1 / 3, 2 / 3, 1, 1, 1].forEach((value, index) => expect(over[index]).toBeCloseTo(value, 6));
  });

  it('leave out a last one that the one before covers, and only then', () => {
    const begins = (length: number) => tileStretches(length, { size: 8, overlap: 2 }).map(({ begin }) => begin);
    expect([begins(8), begins(12), begins(13), begins(14)]).toEqual([
      [0, 6],
      [0, 6],
      [0, 6],
      [0, 6, 12],
    ]);
  });
});
