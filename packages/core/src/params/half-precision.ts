/**
 * Conversions between float32 and the two 16-bit floats of weight files, as bit patterns: float16 (IEEE 754 binary16:
 * 1 sign, 5 exponent and 10 fraction bits) and bfloat16 (the upper half of a float32: 1, 8 and 7). Widening is exact.
 * Narrowing rounds to the nearest number, ties to the even one, keeps subnormal numbers, and overflows to infinity;
 * every NaN stays a NaN.
 */

/** Widens float16 bit patterns to float32, exactly. */
export function widenFloat16(halves: Uint16Array): Float32Array {
  const result = new Float32Array(halves.length);
  const bits = new Uint32Array(result.buffer);
  for (let index = 0; index < halves.length; index++) bits[index] = float16ToFloat32Bits(halves[index]!);
  return result;
}

/** Narrows float32 to float16 bit patterns, to nearest even. */
export function narrowToFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  const result = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    value[0] = values[index]!;
    result[index] = float32BitsToFloat16(bits[0]!);
  }
  return result;
}

/** Widens bfloat16 bit patterns to float32, exactly. */
export function widenBfloat16(halves: Uint16Array): Float32Array {
  const result = new Float32Array(halves.length);
  const bits = new Uint32Array(result.buffer);
  for (let index = 0; index < halves.length; index++) bits[index] = halves[index]! << 16;
  return result;
}

/** Narrows float32 to bfloat16 bit patterns, to nearest even. */
export function narrowToBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  const result = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index++) {
    value[0] = values[index]!;
    result[index] = float32BitsToBfloat16(bits[0]!);
  }
  return result;
}

const float32Infinity = 0x7f800000;

function float16ToFloat32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | float32Infinity | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13); // the biases are 15 and 127
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // moves the leading bit to where the hidden one belongs
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function float32BitsToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > float32Infinity) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // from 65520, half way past the largest number, on
  if (magnitude >= 0x38800000) return sign | (dropBits(magnitude, 13) - (112 << 10)); // from 2^-14: a normal number
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign; // below 2^-25, half the smallest subnormal number
  return sign | dropBits((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

function float32BitsToBfloat16(bits: number): number {
  const magnitude = bits & 0x7fffffff;
  if (magnitude > float32Infinity) return (bits >>> 16) | 0x40;
  return ((bits >>> 16) & 0x8000) | dropBits(magnitude, 16);
}

/** Drops the lowest bits of an integer below 2^31: nearest, ties to even. A carry may run into the exponent, as it should. */
function dropBits(integer: number, bits: number): number {
  const odd = (integer >>> bits) & 1;
  return (integer + 2 ** (bits - 1) - 1 + odd) >>> bits;
}
