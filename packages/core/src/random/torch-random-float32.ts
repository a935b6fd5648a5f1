/**
 * Logarithm, sine and cosine in single precision with the rounding of PyTorch's vectorised CPU code: the approximations of
 * Moshier's Cephes library, with every multiplication and addition that its x86 builds fuse rounded once. A float32
 * product is exact in float64, so `Math.fround(a * b + c)` is that fused operation (but for about one in 2^29 cases,
 * where the float64 sum lies halfway between two float32 numbers).
 */

const { fround } = Math;

/** Below this a significand counts as one of twice its size, so that the polynomial is used from sqrt(1/2) to sqrt(2). */
const rootOfHalf = fround(Math.SQRT1_2);
/** ln(1 + x) = x - x² / 2 + x³ p(x); coefficients from the highest power down. */
const logarithm = Float32Array.of(
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
);
/** ln 2 as the sum of a short number, exact in products with exponents, and the rest. */
const ln2Short = fround(0.693359375);
const ln2Rest = fround(-2.1219444e-4);

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The natural logarithm of a positive, normal float32 number. */
export function logFloat32(value: number): number {
  scratch[0] = value;
  let exponent = (scratchBits[0]! >>> 23) - 126;
  scratchBits[0] = (scratchBits[0]! & 0x7f_ffff) | 0x3f00_0000;
  let significand = scratch[0]!; // [0.5, 1)
  if (significand < rootOfHalf) {
    significand *= 2;
    exponent--;
  }
  const x = fround(significand - 1);
  const square = fround(x * x);
  let p = logarithm[0]!;
  for (let index = 1; index < logarithm.length; index++) p = fround(p * x + logarithm[index]!);
  const cubic = fround(fround(p * x) * square + fround(exponent * ln2Rest));
  return fround(exponent * ln2Short + fround(x + fround(cubic - 0.5 * square)));
}

/** pi / 4 as a sum of three float32 numbers of falling size. */
const quarterTurn = Float32Array.of(0.78515625, 2.4187564849853515625e-4, 3.774894977445941e-8);
const octants = fround(4 / Math.PI);
/** sin x = x + x³ s(x²) and cos x = 1 - x² / 2 + x⁴ c(x²) on [-pi / 4, pi / 4]. */
const sine = Float32Array.of(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
const cosine = Float32Array.of(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2);

/** Sine and cosine of a float32 angle in radians from 0 to 2 pi, in that order. */
export function sinCosFloat32(angle: number): readonly [sine: number, cosine: number] {
  const octant = (Math.floor(fround(angle * octants)) + 1) & ~1; // the nearest multiple of pi / 2, in units of pi / 4
  let x = angle;
  for (const part of quarterTurn) x = fround(x - octant * part);
  const square = fround(x * x);
  const c = fround(fround(cosine[0]! * square + cosine[1]!) * square + cosine[2]!);
  const s = fround(fround(sine[0]! * square + sine[1]!) * square + sine[2]!);
  const ofCosine = fround(1 + fround(fround(c * square) * square - 0.5 * square));
  const ofSine = fround(fround(s * square) * x + x);
  switch (octant & 6) {
    case 0:
      return [ofSine, ofCosine];
    case 2:
      return [ofCosine, -ofSine];
    case 4:
      return [-ofSine, -ofCosine];
    default:
      return [-ofCosine, ofSine];
  }
}
