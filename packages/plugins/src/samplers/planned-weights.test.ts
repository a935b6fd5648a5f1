import { expect, it } from 'vitest';
import { plannedWeights } from './planned-weights.ts';

it('weighs every step once ahead, and again only for another order than the usual', () => {
  const weighed: string[] = [];
  const weightsOf = plannedWeights(
    3,
    (index) => Math.min(2, index + 1),
    (index, order) => (weighed.push(`${index}/${order}`), `weights of ${index}, order ${order}`),
  );
  expect(weighed).toEqual(['0/1', '1/2', '2/2']);
  expect(weightsOf(1, 2)).toBe('weights of 1, order 2');
  expect(weighed).toHaveLength(3);
  expect(weightsOf(1, 1)).toBe('weights of 1, order 1');
  expect(weighed).toHaveLength(4);
});
