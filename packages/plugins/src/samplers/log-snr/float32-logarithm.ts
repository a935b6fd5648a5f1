// The natural logarithm of a float32 number as numpy takes it in float32: up to three units off in the last place, by a
// quotient of two polynomials, where `Math.log` rounded to float32 would be right. Two places need its very errors: the
// weights of DEIS, which are differences of logarithms and magnify them, and the search for the timestep of a noise
// level, where the last bit decides between 998 and 999. After numpy's `log` for AVX2 and AVX512, constants included.

const { fround } = Math;

/** a * b + c, rounded once to float32; the product of two float32 numbers is exact in float64. */
const fused = (a: number, b: number, c: number) => fround(a * b + c);

const above = [0.025899792, 0.38088378, 1.4800006, 2.1126776];
const below = [0.0058750953, 0.15464763, 0.9864943, 2.453006, 2.6126776];
const numerator = [...above, 1.0, 0].map(fround);
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
