// Tables of a discrete variance-preserving chain (Ho et al. 2020): how betas are laid out over timesteps, and what their
// product leaves of the signal. A beta is the share of variance that one timestep replaces by noise. Checkpoints were
// trained on tables that PyTorch computed, so the arithmetic follows its float32 step by step: operands rounded to
// float32, products accumulated in float64. This is the arithmetic of its x86 builds, which fuse the multiplication and
// addition of an even spacing into one rounding; builds without that instruction differ in the last bit.

/** `count` float32 numbers evenly spaced from `start` to `end`, both included, as `torch.linspace` gives them, `[T]`. */
export function linearSpace(start: number, end: number, count: number): Float32Array {
  const [first, last] = [Math.fround(start), Math.fround(end)];
  const step = Math.fround(Math.fround(last - first) / (count - 1));
  const half = Math.floor(count / 2); // the second half is counted back from the end, which is thereby exact
  if (count === 1) return Float32Array.of(first);
  return Float32Array.from({ length: count }, (_, n) => (n < half ? first + step * n : last - step * (count - 1 - n)));
}

const maximumBeta = 0.999; // keeps the last beta from reaching 1 (Nichol and Dhariwal 2021)

/**
 * The betas, `[T]`, that follow a given curve of remaining signal variance: `1 - left((n + 1) / T) / left(n / T)`, at
 * most 0.999. The curve is taken in float64, the betas are rounded to float32.
 */
export function betasOfSignal(timesteps: number, left: (time: number) => number): Float32Array {
  return Float32Array.from({ length: timesteps }, (_, n) =>
    Math.min(1 - left((n + 1) / timesteps) / left(n / timesteps), maximumBeta),
  );
}

/** The share of the signal's variance left after timestep n, for n = 0 … T - 1: diffusers' `alphas_cumprod`, `[T]`. */
export function alphasCumprod(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => (product *= Math.fround(1 - beta)));
}

/**
 * Betas, `[T]`, shifted and scaled so that nothing is left of the signal at the last timestep while the first keeps its
 * share (Lin et al. 2023, arXiv 2305.08891, algorithm 1): `sqrt(alphasCumprod)` is moved down to end at 0 and
 * stretched back. Roots are rounded correctly; PyTorch's own, from MKL, miss the last bit in 6 of 1000 cases, so that
 * entries of diffusers' rescaled tables differ by up to a few 1e-7 of their size. Where the signal ends before the last timestep, or never shrinks, the result has NaNs.
 */
export function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const amplitudes = alphasCumprod(betas).map(Math.sqrt);
  const [first, last] = [amplitudes[0]!, amplitudes.at(-1)!];
  const stretch = Math.fround(first / Math.fround(first - last));
  const scaled = amplitudes.map((amplitude) => Math.fround(amplitude - last) * stretch);
  const signal = scaled.map((amplitude) => amplitude * amplitude);
  const kept = signal.map((value, n) => (n === 0 ? value : value / signal[n - 1]!));
  return kept.map((value) => 1 - value);
}
