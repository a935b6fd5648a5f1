/** Power spectra of real numbers, by the radix-2 fast Fourier transform (Cooley and Tukey 1965). */

/** A function from N real numbers to the power of bins 0 to N/2. @param size N, a power of two */
export function createPowerSpectrum(size: number): (samples: ArrayLike<number>) => Float64Array {
  const bits = Math.log2(size);
  const swapped = Array.from({ length: size }, (_, index) => {
    let reversed = 0;
    for (let bit = 0; bit < bits; bit++) reversed |= ((index >> bit) & 1) << (bits - 1 - bit);
    return reversed;
  });
  const [cosine, sine] = [Math.cos, Math.sin].map((wave) =>
    Float64Array.from({ length: size / 2 }, (_, index) => wave((-2 * Math.PI * index) / size)),
  ) as [Float64Array, Float64Array];
  const [real, imaginary] = [new Float64Array(size), new Float64Array(size)];
  return (samples) => {
    for (let index = 0; index < size; index++) real[index] = samples[swapped[index]!]!;
    imaginary.fill(0);
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [even, odd] = [start + k, start + k + half];
          const [c, s] = [cosine[k * stride]!, sine[k * stride]!];
          const x = real[odd]! * c - imaginary[odd]! * s;
          const y = real[odd]! * s + imaginary[odd]! * c;
          real[odd] = real[even]! - x;
          imaginary[odd] = imaginary[even]! - y;
          real[even]! += x;
          imaginary[even]! += y;
        }
      }
    }
    const powers = new Float64Array(size / 2 + 1);
    for (let bin = 0; bin < powers.length; bin++) {
      powers[bin] = real[bin]! * real[bin]! + imaginary[bin]! * imaginary[bin]!;
    }
    return powers;
  };
}
