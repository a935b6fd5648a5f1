/*
 * The training text of byte-pair encoding: its distinct words as token ids, each with its frequency, and the count of every
 * pair of neighbours. A merge rewrites only the words that hold the pair and adjusts only the counts beside it
 * (Sennrich et al. 2016, section 3.2, with incremental statistics).
 */

interface PairStatistic {
  count: number;
  /** Indices of words that hold the pair or once held it. */
  readonly words: number[];
}

/** Words and pair counts, kept in step. */
export class PairCorpus {
  readonly #words: Int32Array[] = [];
  readonly #frequencies: number[] = [];
  /** By left token id, then by right token id. */
  readonly #pairs = new Map<number, Map<number, PairStatistic>>();

  /** Adds a distinct word. @param tokens the ids of its first tokens; kept and changed @param frequency how often it occurs */
  add(tokens: Int32Array, frequency: number): void {
    const word = this.#words.push(tokens) - 1;
    this.#frequencies.push(frequency);
    for (let index = 1; index < tokens.length; index++)
      this.#change(tokens[index - 1]!, tokens[index]!, frequency, word);
  }

  /** How often two tokens are neighbours; overlapping occurrences (`aaa` holds `aa` twice) all count. */
  count(left: number, right: number): number {
    return this.#pairs.get(left)?.get(right)?.count ?? 0;
  }

  /** Every pair that occurs, as `[left, right]`. */
  *pairs(): Iterable<readonly [number, number]> {
    for (const [left, followers] of this.#pairs) for (const right of followers.keys()) yield [left, right];
  }

  /**
   * Replaces a pair by one token wherever it occurs, from left to right.
   *
   * @returns the pairs that may occur more often than before, as `[left, right]`; each holds `token`
   */
  merge(left: number, right: number, token: number): [number, number][] {
    const before = new Set<number>();
    const after = new Set<number>();
    for (const word of this.#pairs.get(left)?.get(right)?.words ?? [])
      this.#mergeWord(word, left, right, token, before, after);
    this.#pairs.get(left)?.delete(right);
    return [
      ...Array.from(before, (id): [number, number] => [id, token]),
      ...Array.from(after, (id): [number, number] => [token, id]),
    ];
  }

  #mergeWord(word: number, left: number, right: number, token: number, before: Set<number>, after: Set<number>): void {
    const tokens = this.#words[word]!;
    const frequency = this.#frequencies[word]!;
    let to = 0;
    for (let from = 0; from < tokens.length; from++) {
      if (tokens[from] !== left || tokens[from + 1] !== right) {
        tokens[to++] = tokens[from]!;
        continue;
      }
      if (to > 0) {
        const previous = tokens[to - 1]!;
        this.#change(previous, left, -frequency, word);
        this.#change(previous, token, frequency, word);
        before.add(previous);
      }
      if (from + 2 < tokens.length) {
        const next = tokens[from + 2]!;
        this.#change(right, next, -frequency, word);
        this.#change(token, next, frequency, word);
        after.add(next);
      }
      tokens[to++] = token;
      from++;
    }
    this.#words[word] = tokens.subarray(0, to);
  }

  #change(left: number, right: number, by: number, word: number): void {
    let followers = this.#pairs.get(left);
    if (!followers) this.#pairs.set(left, (followers = new Map()));
    let statistic = followers.get(right);
    if (!statistic) followers.set(right, (statistic = { count: 0, words: [] }));
    statistic.count += by;
    if (statistic.count === 0) followers.delete(right);
    else if (by > 0 && statistic.words.at(-1) !== word) statistic.words.push(word);
  }
}
