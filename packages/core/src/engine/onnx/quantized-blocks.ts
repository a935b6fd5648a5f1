/**
 * Matrices as integers with a scale for every 32 of them. 8 bits are symmetric around 0: `weight = scale * (q - 128)`.
 * 4 bits take a zero point, which uses all 16 levels of a block that leans to one side: `weight = scale * (q - zero)`. A
 * weight is at most half a scale off, since scales come from a block's extremes (Jacob et al. 2018, section 2.1, per block).
 *
 * The layout is that of ONNX Runtime's `MatMulNBits`: blocks run along the inner dimension of a product, column by column;
 * of two 4-bit numbers in a byte the first is the lower half.
 */

/** How many weights share a scale. */
export const blockSize = 32;

/** A quantized matrix of N columns, each of K inner weights in `ceil(K / 32)` blocks. */
export interface QuantizedMatrix {
  readonly bits: 4 | 8;
  /** K */
  readonly inner: number;
  /** N */
  readonly columns: number;
  readonly blocks: number;
  /** `[N, blocks, 4 * bits]` bytes. */
  readonly packed: Uint8Array;
  /** `[N, blocks]` */
  readonly scales: Float32Array;
  /** One level per block, 0 to 15, for 4 bits; 128 everywhere for 8. */
  readonly zeros: Uint8Array;
}

/** A matrix to quantize: the right operand of a product, `[K, N]`, or its transpose, `[N, K]`. */
export interface FloatMatrix {
  readonly values: Float32Array;
  /** K */
  readonly inner: number;
  /** N */
  readonly columns: number;
  /** Whether K is the first axis (`rows`) or the last (`columns`). */
  readonly innerAxis: 'rows' | 'columns';
}

/** Quantizes a matrix. */
export function quantizeBlocks({ values, inner, columns, innerAxis }: FloatMatrix, bits: 4 | 8): QuantizedMatrix {
  const blocks = Math.ceil(inner / blockSize);
  const bytes = (blockSize * bits) / 8;
  const packed = new Uint8Array(columns * blocks * bytes);
  const scales = new Float32Array(columns * blocks);
  const zeros = new Uint8Array(columns * blocks);
  const [step, columnStep] = innerAxis === 'rows' ? [columns, 1] : [1, inner];
  const most = 2 ** bits - 1;
  const levels = new Uint8Array(blockSize);
  // Columns inside blocks: where K is the first axis, neighbouring columns lie in the same cache lines.
  for (let block = 0; block < blocks; block++) {
    const count = Math.min(blockSize, inner - block * blockSize);
    for (let column = 0; column < columns; column++) {
      const begin = column * columnStep + block * blockSize * step;
      const at = column * blocks + block;
      let [least, greatest] = [0, 0];
      for (let index = 0, from = begin; index < count; index++, from += step) {
        const value = values[from]!;
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      const { scale, zero } = levelsBetween(least, greatest, bits);
      scales[at] = scale;
      zeros[at] = zero;
      const inverse = 1 / scale;
      levels.fill(zero);
      for (let index = 0, from = begin; index < count; index++, from += step) {
        const level = Math.trunc(values[from]! * inverse + zero + 0.5); // never below 0, so this rounds
        levels[index] = level > most ? most : level;
      }
      if (bits === 8) packed.set(levels, at * bytes);
      else
        for (let byte = 0; byte < bytes; byte++)
          packed[at * bytes + byte] = levels[2 * byte]! | (levels[2 * byte + 1]! << 4);
    }
  }
  return { bits, inner, columns, blocks, packed, scales, zeros };
}

/** Smaller steps lose precision of their own; where they would be needed, all is 0 and the step 1. */
const leastScale = 2 ** -100;

/** The step between two levels, and the level that means 0. */
function levelsBetween(
  least: number,
  greatest: number,
  bits: 4 | 8,
): { readonly scale: number; readonly zero: number } {
  const extent = bits === 8 ? Math.max(-least, greatest) / 127 : (greatest - least) / 15;
  const scale = extent < leastScale ? 1 : Math.fround(extent);
  if (bits === 8) return { scale, zero: 128 };
  return { scale, zero: Math.min(15, Math.round(-least / scale)) };
}

/** Zero points of 4-bit blocks as `MatMulNBits` reads them: two to a byte, `[N, ceil(blocks / 2)]`. */
export function packedZeros({ columns, blocks, zeros }: QuantizedMatrix): Uint8Array {
  const perColumn = Math.ceil(blocks / 2);
  const packed = new Uint8Array(columns * perColumn);
  for (let column = 0; column < columns; column++) {
    for (let block = 0; block < blocks; block++) {
      packed[column * perColumn + (block >> 1)]! |= zeros[column * blocks + block]! << (4 * (block & 1));
    }
  }
  return packed;
}
