/*
 * The order in which byte-pair encoding merges: a binary heap of pairs, the most frequent first. Ties go to the pair whose
 * left token has the lower id, then to the one whose right token has, so training is deterministic. Entries are not updated
 * when counts change; the trainer compares an entry's count with the current one and pushes it again.
 */

/** A pair of neighbouring token ids and how often it was counted. */
export interface CountedPair {
  readonly count: number;
  readonly left: number;
  readonly right: number;
}

/** A priority queue of pairs. */
export class PairQueue {
  readonly #heap: CountedPair[] = [];

  push(pair: CountedPair): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!comesBefore(pair, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = pair;
  }

  /** Takes out the first pair, or returns undefined when there is none. */
  pop(): CountedPair | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && comesBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!comesBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function comesBefore(a: CountedPair, b: CountedPair): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left !== b.left ? a.left < b.left : a.right < b.right;
}
