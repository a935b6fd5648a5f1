import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PairCorpus } from './pair-corpus.ts';

it('counts neighbours by the frequency of their words, overlapping ones too', () => {
  const corpus = new PairCorpus();
  corpus.add(Int32Array.of(1, 1, 1), 3);
  corpus.add(Int32Array.of(1, 2), 4);
  expect(corpus.count(1, 1)).toBe(6);
  expect(corpus.count(1, 2)).toBe(4);
  expect(corpus.count(2, 1)).toBe(0);
});

it('merges a run of equal tokens from the left', () => {
  const corpus = new PairCorpus();
  corpus.add(Int32Array.of(1, 1, 1, 1, 1), 1); // becomes 9 9 1
  corpus.merge(1, 1, 9);
  expect([...corpus.pairs()].toSorted()).toEqual([
    [9, 1],
    [9, 9],
  ]);
});

it('keeps counts equal to a recount after any series of merges, and names every pair that grew', () => {
  const token = fc.nat({ max: 2 });
  const word = fc.tuple(fc.array(token, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.array(fc.nat({ max: 50 }), { maxLength: 6 }), (words, picks) => {
      const corpus = new PairCorpus();
      let plain = words.map(([tokens, frequency]) => ({ tokens, frequency }));
      for (const { tokens, frequency } of plain) corpus.add(Int32Array.from(tokens), frequency);
      for (const [step, pick] of picks.entries()) {
        const before = recount(plain);
        const pairs = [...before.keys()];
        if (pairs.length === 0) break;
        const [left, right] = pairs[pick % pairs.length]!.split(' ').map(Number) as [number, number];
        const grown = new Set(corpus.merge(left, right, 10 + step).map((pair) => pair.join(' ')));
        plain = plain.map((one) => ({ ...one, tokens: mergeWord(one.tokens, left, right, 10 + step) }));
        const after = recount(plain);
        expect(new Map([...corpus.pairs()].map((pair) => [pair.join(' '), corpus.count(...pair)]))).toEqual(after);
        for (const [pair, count] of after) if (count > (before.get(pair) ?? 0)) expect(grown).toContain(pair);
      }
    }),
  );
});

function recount(words: readonly { tokens: readonly number[]; frequency: number }[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { tokens, frequency } of words) {
    for (let index = 1; index < tokens.length; index++) {
      const pair = `${tokens[index - 1]} ${tokens[index]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + frequency);
    }
  }
  return counts;
}

function mergeWord(tokens: readonly number[], left: number, right: number, token: number): number[] {
  const merged: number[] = [];
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index] === left && tokens[index + 1] === right) {
      merged.push(token);
      index++;
    } else merged.push(tokens[index]!);
  }
  return merged;
}
