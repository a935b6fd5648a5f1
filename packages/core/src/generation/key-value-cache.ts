/**
 * Keys and values of everything generated so far, per layer, in arrays that grow by doubling. Functions are compiled
 * for each capacity once; within a capacity, appending writes only the new entries.
 */
import type { HostTensor } from '../contracts/tensors.ts';
import type { TransformerConfig } from '../model/transformer-config.ts';

const smallestCapacity = 64;

/** The smallest capacity that holds `length` entries. */
export function cacheCapacity(length: number): number {
  let capacity = smallestCapacity;
  while (capacity < length) capacity *= 2;
  return capacity;
}

/** The cache of one sequence. */
export interface KeyValueCache {
  readonly length: number;
  readonly capacity: number;
  /** Makes room for `entries` more. */
  reserve(entries: number): void;
  /** Takes over the first `count` positions of new keys and values, named `keys.<layer>` and `values.<layer>`, `[1, K, T, hd]`. */
  append(computed: Readonly<Record<string, HostTensor>>, count: number): void;
  /** Arrays by input name: `keys.<layer>`, `values.<layer>` `[1, K, S, hd]` and `prefixMask` `[1, 1, 1, S]`. */
  feeds(): Readonly<Record<string, Float32Array>>;
}

const hidden = -1e9;

/** Creates an empty cache. */
export function createKeyValueCache({ depth, heads, keyValueHeads, width }: TransformerConfig): KeyValueCache {
  const size = width / heads;
  const names = Array.from({ length: depth }, (_, layer) => [`keys.${layer}`, `values.${layer}`]).flat();
  let capacity = smallestCapacity;
  let length = 0;
  let arrays = new Map(names.map((name) => [name, new Float32Array(keyValueHeads * capacity * size)]));
  let mask = new Float32Array(capacity).fill(hidden);

  const grow = (to: number) => {
    arrays = new Map(
      [...arrays].map(([name, old]) => {
        const grown = new Float32Array(keyValueHeads * to * size);
        for (let head = 0; head < keyValueHeads; head++) {
          grown.set(old.subarray(head * capacity * size, (head * capacity + length) * size), head * to * size);
        }
        return [name, grown];
      }),
    );
    mask = new Float32Array(to).fill(hidden).fill(0, 0, length);
    capacity = to;
  };

  return {
    get length() {
      return length;
    },
    get capacity() {
      return capacity;
    },
    reserve(entries) {
      const needed = cacheCapacity(length + entries);
      if (needed > capacity) grow(needed);
    },
    append(computed, count) {
      this.reserve(count);
      for (const name of names) {
        const { data, shape } = computed[name]!;
        const computedLength = shape[2]!;
        const target = arrays.get(name)!;
        for (let head = 0; head < keyValueHeads; head++) {
          const from = head * computedLength * size;
          const source = (data as Float32Array).subarray(from, from + count * size);
          target.set(source, (head * capacity + length) * size);
        }
      }
      mask.fill(0, length, length + count);
      length += count;
    },
    feeds: () => ({ ...Object.fromEntries(arrays), prefixMask: mask }),
  };
}

/** Puts caches side by side as one batch of one capacity, for guidance branches that run together. */
export function stackCaches(
  caches: readonly KeyValueCache[],
  config: TransformerConfig,
): {
  readonly capacity: number;
  readonly feeds: Readonly<Record<string, Float32Array>>;
} {
  const size = config.width / config.heads;
  const capacity = Math.max(...caches.map((cache) => cache.capacity));
  const feeds: Record<string, Float32Array> = {};
  caches.forEach((cache, branch) => {
    for (const [name, array] of Object.entries(cache.feeds())) {
      const isMask = name === 'prefixMask';
      const [chunks, unit] = isMask ? [1, 1] : [config.keyValueHeads, size];
      const stacked = (feeds[name] ??= new Float32Array(caches.length * chunks * capacity * unit).fill(
        isMask ? hidden : 0,
      ));
      for (let chunk = 0; chunk < chunks; chunk++) {
        const from = chunk * cache.capacity * unit;
        stacked.set(array.subarray(from, from + cache.length * unit), (branch * chunks + chunk) * capacity * unit);
      }
    }
  });
  return { capacity, feeds };
}
