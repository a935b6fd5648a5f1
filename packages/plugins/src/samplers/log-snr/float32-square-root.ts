// The square root of a float32 number as PyTorch takes it on processors with AVX512: one Newton step from an approximate
// reciprocal root, which is a unit too low in the last place for one number in 150. The noise levels of a schedule are such
// roots, and DEIS, UniPC and SA-Solver of order 3 and more magnify their last bit by thousands over many steps. Measured, not
// taken from a source: the processor's approximation (VRSQRT14) is linear on 64 pieces of [1, 4), and the table below
// gives it bit for bit. PyTorch on other processors rounds this root correctly, and thereby gives other latents there.

const { fround } = Math;

// Per piece: 2^17 y - 2^16 is the whole part of (128 * intercept - slope * k) / 512, for the k-th of its 1024 parts.
// prettier-ignore
const slopes = [1001, 955, 915, 877, 841, 807, 775, 747, 719, 693, 669, 647, 625, 603, 585, 567, 549, 533, 517, 501, 487, 473, 461, 449, 437, 425, 415, 403, 393, 385, 375, 367, 707, 675, 647, 619, 595, 571, 549, 527, 509, 491, 473, 457, 441, 427, 413, 401, 389, 377, 365, 355, 345, 335, 325, 317, 309, 301, 293, 285, 279, 271, 265, 259];
// prettier-ignore
const intercepts = [262121, 254113, 246469, 239154, 232142, 225415, 218957, 212753, 206778, 201025, 195479, 190132, 184962, 179962, 175135, 170459, 165927, 161539, 157279, 153144, 149133, 145235, 141448, 137763, 134175, 130683, 127286, 123966, 120735, 117590, 114511, 111514, 108565, 102905, 97500, 92324, 87372, 82615, 78049, 73657, 69437, 65371, 61445, 57661, 54005, 50474, 47057, 43755, 40551, 37443, 34431, 31513, 28675, 25918, 23236, 20632, 18098, 15629, 13223, 10878, 8597, 6365, 4192, 2070];

/** a * b + c, rounded once to float32; the product of two float32 numbers is exact in float64. */
const fused = (a: number, b: number, c: number) => fround(a * b + c);

/** PyTorch's float32 square root of a float32 number, not below 0. */
export function float32SquareRoot(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return Math.sqrt(x);
  let half = Math.floor(Math.log2(x) / 2);
  if (x / 4 ** half >= 4) half += 1;
  else if (x / 4 ** half < 1) half -= 1;
  const scaled = x / 4 ** half; // in [1, 4)
  const y = reciprocalRoot(scaled);
  const root = fround(scaled * y);
  return fused(fused(-root, root, scaled), 0.5 * y, root) * 2 ** half;
}

/** 1 / sqrt(x) for x in [1, 4), to fourteen bits. */
function reciprocalRoot(x: number): number {
  if (x === 1) return 1;
  const fraction = x < 2 ? x - 1 : x / 2 - 1; // in [0, 1)
  const part = Math.floor(fraction * 2 ** 15);
  const piece = (x < 2 ? 0 : 32) + (part >> 10);
  const whole = (128 * intercepts[piece]! - slopes[piece]! * (part & 1023)) >> 9;
  return (whole + 2 ** 16) / 2 ** 17;
}
