// The natural logarithm of a float32 number as numpy takes it in float32: up to three units off in the last place, by a
// quotient of two polynomials, where `Math.log` rounded to float32 would be right. Two places need its very errors: the
// weights of DEIS, which are differences of logarithms and magnify them, and the search for the timestep of a noise
// level, where the last bit decides between 998 and 999. After numpy's `log` for AVX2 and AVX512, constants included.

const { fround } = Math;

/** a * b + c, rounded once to float32; the product of two float32 numbers is exact in float64. */
const fused = (a: number, b: number, c: number) => fround(a * b + c);

const above = [
  2.589979117907922693523e-2, 3.808837741388407920751e-1, 1.480000633576506585156, 2.112677543073053063722,
];
const below = [
  5.87509540312457434295e-3, 1.546476374983906719538e-1, 9.864942958519418960339e-1, 2.453006071784736363091,
  2.612677543073109236779,
];
const numerator = [...above, 9.999999999999998702752e-1, 0].map(fround);
const denominator = [...below, 1].map(fround);
const halfRoot = fround(Math.SQRT1_2);
const ln2 = fround(Math.LN2);

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** numpy's float32 logarithm of a float32 number; NaN below 0, -Infinity at 0. Subnormal numbers are taken as 0. */
export function float32Logarithm(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  float[0] = x;
  const field = bits[0]! >>> 23;
  if (field === 0) return -Infinity;
  if (field === 255) return Infinity;
  bits[0] = (bits[0]! & 0x7fffff) | 0x3f000000; // the fraction, in [0.5, 1)
  let exponent = field - 126;
  let fraction = float[0]!;
  if (fraction <= halfRoot) {
    fraction += fraction;
    exponent -= 1;
  }
  const y = fround(fraction - 1);
  const quotient = fround(polynomial(numerator, y) / polynomial(denominator, y));
  return fused(exponent, ln2, quotient);
}

function polynomial(coefficients: readonly number[], y: number): number {
  let value = coefficients[0] as number;
  for (let i = 1; i < coefficients.length; i += 1) value = fused(value, y, coefficients[i] as number);
  return value;
}
