import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockSize, packedZeros, quantizeBlocks, type QuantizedMatrix } from './quantized-blocks.ts';

/** Any matrix of a few columns, `[N, K]`, with blocks of very different sizes, and of zeros. */
const matrices = fc
  .record({ columns: fc.integer({ min: 1, max: 4 }), inner: fc.integer({ min: 1, max: 80 }) })
  .chain(({ columns, inner }) =>
    fc.record({
      columns: fc.constant(columns),
      inner: fc.constant(inner),
      values: fc
        .array(
          fc.oneof(
            fc.constant(0),
            fc.float({ min: -3, max: 3, noNaN: true }),
            fc.float({ min: 0, max: 90, noNaN: true }),
          ),
          { minLength: columns * inner, maxLength: columns * inner },
        )
        .map((values) => Float32Array.from(values)),
    }),
  );

/** What an element of a quantized matrix means, read from the bytes as they are documented. */
function weight({ bits, blocks, packed, scales, zeros }: QuantizedMatrix, column: number, index: number) {
  const block = column * blocks + Math.floor(index / blockSize);
  const within = index % blockSize;
  const byte = packed[(block * blockSize * bits) / 8 + (bits === 8 ? within : within >> 1)]!;
  const level = bits === 8 ? byte : within % 2 === 0 ? byte & 15 : byte >> 4;
  return { value: scales[block]! * (level - zeros[block]!), scale: scales[block]! };
}

describe.each([8, 4] as const)('a matrix quantized to %d bits', (bits) => {
  it('is nowhere more than half a step off', () => {
    fc.assert(
      fc.property(matrices, ({ values, columns, inner }) => {
        const quantized = quantizeBlocks({ values, inner, columns, innerAxis: 'columns' }, bits);
        values.forEach((wanted, at) => {
          const { value, scale } = weight(quantized, Math.floor(at / inner), at % inner);
          expect(Math.abs(value - wanted)).toBeLessThanOrEqual(scale * 0.5001);
        });
      }),
    );
  });

  it('keeps zeros exactly, those that fill the last block included', () => {
    fc.assert(
      fc.property(matrices, ({ values, columns, inner }) => {
        const quantized = quantizeBlocks({ values, inner, columns, innerAxis: 'columns' }, bits);
        for (let column = 0; column < columns; column++) {
          for (let index = 0; index < quantized.blocks * blockSize; index++) {
            if (index >= inner || values[column * inner + index] === 0) {
              expect(Math.abs(weight(quantized, column, index).value)).toBe(0);
            }
          }
        }
      }),
    );
  });

  it('is the same whichever way the matrix lies', () => {
    fc.assert(
      fc.property(matrices, ({ values, columns, inner }) => {
        const turned = values.map((_, at) => values[(at % columns) * inner + Math.floor(at / columns)]!);
        expect(quantizeBlocks({ values: turned, inner, columns, innerAxis: 'rows' }, bits)).toEqual(
          quantizeBlocks({ values, inner, columns, innerAxis: 'columns' }, bits),
        );
      }),
    );
  });

  it('has steps as fine as the extremes of each block allow', () => {
    const values = Float32Array.from({ length: 64 }, (_, index) => (index < 32 ? index / 31 : -index));
    const { scales } = quantizeBlocks({ values, inner: 64, columns: 1, innerAxis: 'columns' }, bits);
    const levels = bits === 8 ? 127 : 15; // 8 bits have as many levels below 0 as above
    expect(scales[0]).toBeCloseTo(1 / levels, 6);
    expect(scales[1]).toBeCloseTo(63 / levels, 5);
  });
});

describe('zero points of 4 bits', () => {
  it('stand two to a byte, the first in the lower half, columns on bytes of their own', () => {
    const values = Float32Array.from({ length: 2 * 96 }, (_, index) => {
      const block = Math.floor(index / 32);
      return index % 2 === 0 ? -block : 15 - block; // block b needs the level b for 0
    });
    const quantized = quantizeBlocks({ values, inner: 96, columns: 2, innerAxis: 'columns' }, 4);
    expect(Array.from(quantized.zeros)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Array.from(packedZeros(quantized))).toEqual([0x10, 0x02, 0x43, 0x05]);
  });
});
