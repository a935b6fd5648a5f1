/**
 * The geometric mean of two sigmas, as the mean of their logarithms, rounded in the order in which PyTorch interpolates.
 * At thousands of times the data's scale its last bit is seen in the result of a step.
 */
export function logMean(from: number, to: number, round: (value: number) => number): number {
  if (from === 0 || to === 0) return 0;
  const [start, end] = [round(Math.log(from)), round(Math.log(to))];
  return round(Math.exp(round(end - round(round(end - start) * 0.5))));
}
