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

/**
 * Quantizes a matrix.
 * @param values `[N, K]`, the columns of a product's right operand one after another
 */
export function quantizeBlocks(
  values: Float32Array,
  { bits, inner, columns }: Pick<QuantizedMatrix, 'bits' | 'inner' | 'columns'>,
): QuantizedMatrix {
  const blocks = Math.ceil(inner / blockSize);
  const bytes = (blockSize * bits) / 8;
  const packed = new Uint8Array(columns * blocks * bytes);
  const scales = new Float32Array(columns * blocks);
  const zeros = new Uint8Array(columns * blocks);
  for (let column = 0; column < columns; column++) {
    for (let block = 0; block < blocks; block++) {
      const at = column * blocks + block;
      const begin = column * inner + block * blockSize;
      const end = Math.min(begin + blockSize, (column + 1) * inner);
      const { scale, zero } = range(values, begin, end, bits);
      scales[at] = scale;
      zeros[at] = zero;
      const most = 2 ** bits - 1;
      for (let index = 0; index < blockSize; index++) {
        const value = begin + index < end ? values[begin + index]! : 0;
        const level = Math.min(most, Math.max(0, Math.round(value / scales[at]!) + zero));
        if (bits === 8) packed[at * bytes + index] = level;
        else packed[at * bytes + (index >> 1)]! |= level << (4 * (index & 1));
      }
    }
  }
  return { bits, inner, columns, blocks, packed, scales, zeros };
}

/** The step between two levels, and the level that means 0. A block of zeros gets a step of 1. */
function range(values: Float32Array, begin: number, end: number, bits: 4 | 8): { scale: number; zero: number } {
  let [least, greatest] = [0, 0];
  for (let index = begin; index < end; index++) {
    const value = values[index]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (bits === 8) return { scale: Math.max(-least, greatest) / 127 || 1, zero: 128 };
  const scale = Math.fround((greatest - least) / 15) || 1;
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
