import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CountedPair, PairQueue } from './pair-queue.ts';

function drain(queue: PairQueue): CountedPair[] {
  const pairs: CountedPair[] = [];
  for (let pair = queue.pop(); pair; pair = queue.pop()) pairs.push(pair);
  return pairs;
}

it('yields the most frequent pair first and breaks ties by left id, then right id', () => {
  const queue = new PairQueue();
  const order = [
    { count: 5, left: 9, right: 9 },
    { count: 2, left: 1, right: 3 },
    { count: 2, left: 1, right: 4 },
    { count: 2, left: 2, right: 0 },
    { count: 1, left: 0, right: 0 },
  ];
  for (const index of [3, 0, 4, 2, 1]) queue.push(order[index]!);
  expect(drain(queue)).toEqual(order);
});

it('yields what a sorted list would, however pushes and pops alternate', () => {
  const small = fc.nat({ max: 4 });
  const step = fc.option(fc.record({ count: small, left: small, right: small }), { nil: 'pop' as const });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new PairQueue();
      const list: CountedPair[] = [];
      for (const one of steps) {
        if (one === 'pop') {
          list.sort((a, b) => b.count - a.count || a.left - b.left || a.right - b.right);
          expect(queue.pop()).toEqual(list.shift());
        } else {
          queue.push(one);
          list.push(one);
        }
      }
    }),
  );
});
