/** Comparing arrays of numbers, where NaN counts as different from everything. */

/** Where two arrays differ by more than a tolerance that is relative above 1, as a phrase; undefined where nowhere. */
export function difference(
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  { tolerance = 0 }: { readonly tolerance?: number } = {},
): string | undefined {
  if (found.length !== wanted.length) return `${found.length} values instead of ${wanted.length}`;
  for (let index = 0; index < found.length; index++) {
    const [own, other] = [found[index]!, wanted[index]!];
    const bound = tolerance * Math.max(1, Math.abs(other));
    if (!(Math.abs(own - other) <= bound)) return `${own} instead of ${other} at index ${index}`;
  }
  return undefined;
}

/** The first value that is not finite, as a phrase; undefined where all are. */
export function notFinite(values: ArrayLike<number>): string | undefined {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) return `${values[index]} at index ${index}`;
  }
  return undefined;
}

/** Mean and deviation (the root of the mean squared distance from it). */
export function moments(values: Float32Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
