// A moving average that shows the trend of a noisy curve: each value is averaged with its neighbours, the nearer the
// more (a triangular window). The window is centred, so that the line does not lag behind a falling loss; at the
// beginning it shrinks to stay centred, at the end it looks back only, so that the last value is an average too. Gaps
// (NaN) stay gaps and are not averaged in.

/** Smooths values over a window of about a thirtieth of the series. Series of less than 30 values stay as they are. */
export function smoothed(values: readonly number[]): readonly number[] {
  const reach = values.length < 30 ? 0 : 1 + Math.floor(values.length / 60); // neighbours on each side
  return values.map((value, index) => {
    if (!Number.isFinite(value)) return NaN;
    const back = Math.min(reach, index);
    const ahead = Math.min(back, values.length - 1 - index);
    return weightedMean(values, {
      from: index - back,
      to: index + ahead,
      weight: (at) => reach + 1 - Math.abs(at - index),
    });
  });
}

function weightedMean(
  values: readonly number[],
  window: { readonly from: number; readonly to: number; readonly weight: (at: number) => number },
): number {
  let [sum, weights] = [0, 0];
  for (let at = window.from; at <= window.to; at += 1) {
    const value = values[at] ?? NaN;
    if (!Number.isFinite(value)) continue;
    sum += value * window.weight(at);
    weights += window.weight(at);
  }
  return sum / weights;
}
