import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { cacheCapacity, createKeyValueCache, type KeyValueCache, stackCaches } from './key-value-cache.ts';

const config = tinyTransformer(); // 2 layers, 2 key heads of 4 numbers
const names = ['keys.0', 'values.0', 'keys.1', 'values.1'];
const [heads, size] = [2, 4];

/** What a function would compute for `length` positions from `first`: every number says where it belongs. */
function computed(first: number, length: number, branch = 0): Record<string, HostTensor> {
  return Object.fromEntries(
    names.map((name, index) => {
      const data = new Float32Array(heads * length * size);
      for (let head = 0; head < heads; head++) {
        for (let position = 0; position < length; position++) {
          for (let dimension = 0; dimension < size; dimension++) {
            data[(head * length + position) * size + dimension] = numberAt(
              index,
              head,
              first + position,
              dimension,
              branch,
            );
          }
        }
      }
      return [name, { shape: [1, heads, length, size], dtype: 'float32' as const, data }];
    }),
  );
}

const numberAt = (array: number, head: number, position: number, dimension: number, branch: number) =>
  1 + branch * 100_000 + array * 20_000 + head * 10_000 + position * 10 + dimension;

/** Checks every number of the arrays of one branch. */
function expectFilled(
  feeds: Readonly<Record<string, Float32Array>>,
  capacity: number,
  length: number,
  branch = 0,
  at = 0,
) {
  names.forEach((name, array) => {
    for (let head = 0; head < heads; head++) {
      for (let position = 0; position < capacity; position++) {
        const start = ((at * heads + head) * capacity + position) * size;
        const expected = Array.from({ length: size }, (_, dimension) =>
          position < length ? numberAt(array, head, position, dimension, branch) : 0,
        );
        expect([...feeds[name]!.subarray(start, start + size)]).toEqual(expected);
      }
    }
  });
  const mask = [...feeds['prefixMask']!.subarray(at * capacity, (at + 1) * capacity)];
  expect(mask).toEqual(Array.from({ length: capacity }, (_, position) => (position < length ? 0 : -1e9)));
}

function filled(length: number, branch: number): KeyValueCache {
  const cache = createKeyValueCache(config);
  cache.append(computed(0, length, branch), length);
  return cache;
}

it('capacities are 64 and its doubles', () => {
  expect([0, 1, 64, 65, 128, 129, 1000].map(cacheCapacity)).toEqual([64, 64, 64, 128, 128, 256, 1024]);
});

describe('a cache', () => {
  it('starts empty, all of it hidden', () => {
    const cache = createKeyValueCache(config);
    expect([cache.length, cache.capacity]).toEqual([0, 64]);
    expectFilled(cache.feeds(), 64, 0);
  });

  it('keeps what was appended through any growth', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }), (parts) => {
        const cache = createKeyValueCache(config);
        let length = 0;
        for (const part of parts) {
          cache.append(computed(length, part), part);
          length += part;
        }
        expect([cache.length, cache.capacity]).toEqual([length, cacheCapacity(length)]);
        expectFilled(cache.feeds(), cache.capacity, length);
      }),
      { numRuns: 20 },
    );
  });

  it('takes only the first positions of what was computed, the rest being padding', () => {
    const cache = createKeyValueCache(config);
    cache.append(computed(0, 16), 5);
    cache.append(computed(5, 1), 1);
    expect(cache.length).toBe(6);
    expectFilled(cache.feeds(), 64, 6);
  });

  it('crosses its capacity one entry at a time', () => {
    const cache = filled(64, 0);
    expect(cache.capacity).toBe(64);
    cache.append(computed(64, 1), 1);
    expect(cache.capacity).toBe(128);
    expectFilled(cache.feeds(), 128, 65);
  });

  it('makes room ahead without changing what it holds', () => {
    const cache = filled(10, 0);
    cache.reserve(54);
    expect(cache.capacity).toBe(64);
    cache.reserve(55);
    expect([cache.length, cache.capacity]).toEqual([10, 128]);
    expectFilled(cache.feeds(), 128, 10);
  });
});

describe('caches side by side', () => {
  it('take the largest capacity, each with its own entries and mask', () => {
    const caches = [filled(3, 0), filled(70, 1), filled(64, 2)];
    const { capacity, feeds } = stackCaches(caches, config);
    expect(capacity).toBe(128);
    [3, 70, 64].forEach((length, branch) => expectFilled(feeds, 128, length, branch, branch));
    expect(feeds['keys.0']).toHaveLength(3 * heads * 128 * size);
  });

  it('are copies: appending to one later does not reach them', () => {
    const cache = filled(3, 0);
    const { feeds } = stackCaches([cache], config);
    cache.append(computed(3, 1), 1);
    expectFilled(feeds, 64, 3);
  });
});
