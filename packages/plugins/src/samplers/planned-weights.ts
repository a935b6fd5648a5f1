// The weights of a multistep method are known before the run begins, but for one thing: how many earlier estimates a
// state remembers, fewer than usual where a run began in the middle. So they are computed for the usual number when the
// run is planned, and anew only where a state has another.

/** Weights of step `index` by its order: how many estimates it reads. */
export type WeightsOfStep<Weights> = (index: number, order: number) => Weights;

/** Computes the weights of the steps ahead of the run, each for its usual order. */
export function plannedWeights<Weights>(
  steps: number,
  usualOrder: (index: number) => number,
  weigh: WeightsOfStep<Weights>,
): WeightsOfStep<Weights> {
  const orders = Array.from({ length: steps }, (_, index) => usualOrder(index));
  const table = orders.map((order, index) => weigh(index, order));
  return (index, order) => (orders[index] === order ? table[index]! : weigh(index, order));
}
