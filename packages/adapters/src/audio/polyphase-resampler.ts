/*
 * Changes the sample rate by a whole fraction up / down: conceptually zeros are put between samples, a windowed-sinc
 * low-pass at the lower of both Nyquist frequencies is run over them, and every down-th sample is kept; only the products
 * that count are computed. The filter is the one of scipy.signal.resample_poly: ten zero crossings to either side under
 * a Kaiser window of beta 5 (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5), unit gain at 0 Hz.
 */

const halfCrossings = 10;
const kaiserBeta = 5;

/**
 * Samples at another rate. Beyond both ends the sound counts as silent.
 *
 * @param rates whole numbers of samples per second
 * @returns ceil(n * to / from) samples
 */
export function resampled(
  samples: Float32Array,
  { from, to }: { readonly from: number; readonly to: number },
): Float32Array {
  const divisor = greatestCommonDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  if (up === down) return samples;
  const taps = lowPass(up, down);
  const half = (taps.length - 1) / 2;
  const result = new Float32Array(Math.ceil((samples.length * up) / down));
  for (let index = 0; index < result.length; index++) {
    const centre = index * down + half; // in steps of the finer grid, on which input k stands at k * up
    const first = Math.max(0, Math.ceil((centre - taps.length + 1) / up));
    const last = Math.min(samples.length - 1, Math.floor(centre / up));
    let sum = 0;
    for (let at = first; at <= last; at++) sum += samples[at]! * taps[centre - at * up]!;
    result[index] = sum;
  }
  return result;
}

/** The filter's impulse response on the finer grid, of odd length, with gain `up` at 0 Hz to make up for the zeros. */
function lowPass(up: number, down: number): Float64Array {
  const coarse = Math.max(up, down);
  const half = halfCrossings * coarse;
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, index) => {
    const offset = index - half;
    return sinc(offset / coarse) * besselI0(kaiserBeta * Math.sqrt(Math.max(0, 1 - (offset / half) ** 2)));
  });
  const gain = up / taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap * gain);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / 2 / k) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
