import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../random/seeded-random.ts';
import { chooseToken, type TokenChoiceOptions } from './token-choice.ts';

const plain: TokenChoiceOptions = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
const everything = { seen: new Set<number>(), allowed: () => true };

/** Logits of these probabilities. */
const logitsOf = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log);

interface Filter {
  readonly seen?: ReadonlySet<number>;
  readonly allowed?: (id: number) => boolean;
}

/** How often each id is drawn, as a share. */
function shares(
  logits: Float32Array,
  options: Partial<TokenChoiceOptions>,
  filter: Filter = {},
  draws = 20_000,
): number[] {
  const random = createRandom('shares');
  const counts = Array<number>(logits.length).fill(0);
  for (let draw = 0; draw < draws; draw++) {
    counts[chooseToken(logits, { ...plain, ...options }, random, { ...everything, ...filter }).id]! += 1 / draws;
  }
  return counts;
}

/** Within five standard deviations of 20,000 draws; exactly 0 where nothing may be drawn. */
function expectShares(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((share, id) => {
    const slack = 5 * Math.sqrt((expected[id]! * (1 - expected[id]!)) / 20_000);
    expect(Math.abs(share - expected[id]!), `id ${id}`).toBeLessThanOrEqual(slack + 1e-9);
  });
}

const probabilities = [0.1, 0.4, 0.2, 0.3];
const logits = logitsOf(...probabilities);
const normalized = (weights: readonly number[]) => weights.map((weight) => weight / weights.reduce((a, b) => a + b, 0));

describe('a drawn token', () => {
  it('follows the softmax of the logits', () => {
    expectShares(shares(logits, {}), probabilities);
  });

  it('does not care about a constant added to all logits', () => {
    const draw = (by: number) => {
      const random = createRandom(3);
      return Array.from(
        { length: 50 },
        () =>
          chooseToken(
            logits.map((x) => x + by),
            plain,
            random,
            everything,
          ).id,
      );
    };
    expect(draw(1000)).toEqual(draw(0));
  });

  it.each([0.5, 2])('at temperature %d follows the probabilities to the power of 1 / temperature', (temperature) => {
    expectShares(shares(logits, { temperature }), normalized(probabilities.map((p) => p ** (1 / temperature))));
  });

  it('keeps the k likeliest with top-k', () => {
    expectShares(shares(logits, { topK: 2 }), normalized([0, 0.4, 0, 0.3]));
    expectShares(shares(logits, { topK: 99 }), probabilities);
  });

  it('keeps with top-p the fewest likeliest tokens that reach the sum', () => {
    expectShares(shares(logits, { topP: 0.35 }), [0, 1, 0, 0]);
    expectShares(shares(logits, { topP: 0.65 }), normalized([0, 0.4, 0, 0.3]));
    expectShares(shares(logits, { topP: 0.75 }), normalized([0, 0.4, 0.2, 0.3]));
    expectShares(shares(logits, { topP: 1e-9 }), [0, 1, 0, 0]);
  });

  it('keeps with min-p what is likely enough beside the likeliest', () => {
    expectShares(shares(logits, { minP: 0.45 }), normalized([0, 0.4, 0.2, 0.3])); // from 0.18
    expectShares(shares(logits, { minP: 1 }), [0, 1, 0, 0]);
  });

  it('applies the filters to the tempered distribution, top-k before top-p', () => {
    // At temperature 0.5: 0.01, 0.16, 0.04, 0.09 of 0.30. Top-3 leaves 0.29, of which 0.16 + 0.09 is 86 %.
    expectShares(shares(logits, { temperature: 0.5, topK: 3, topP: 0.85 }), normalized([0, 0.16, 0, 0.09]));
    expectShares(shares(logits, { temperature: 0.5, minP: 0.3 }), normalized([0, 0.16, 0, 0.09])); // from 0.048
  });

  it('divides positive and multiplies negative logits of tokens seen before by the penalty', () => {
    const mixed = Float32Array.of(1, 1, -1, -1);
    const softmax = normalized([0.5, 1, -2, -1].map(Math.exp));
    expectShares(shares(mixed, { repetitionPenalty: 2 }, { seen: new Set([0, 2]) }), softmax);
  });

  it('is never one that is not allowed, however likely', () => {
    expectShares(shares(logits, {}, { allowed: (id) => id !== 1 }), normalized([0.1, 0, 0.2, 0.3]));
    const { id } = chooseToken(logits, { ...plain, temperature: 0 }, createRandom(0), {
      ...everything,
      allowed: (id) => id !== 1,
    });
    expect(id).toBe(3);
  });
});

describe('at temperature 0', () => {
  const greedy = (values: Float32Array, seen: ReadonlySet<number> = new Set()) =>
    chooseToken(values, { ...plain, temperature: 0, repetitionPenalty: 2 }, createRandom(0), {
      seen,
      allowed: () => true,
    });

  it('the largest logit wins, the smallest id among equals', () => {
    expect(greedy(Float32Array.of(1, 3, 2, 3)).id).toBe(1);
    expect(greedy(Float32Array.of(-5, -5, -5)).id).toBe(0);
  });

  it('the penalty can change the winner', () => {
    expect(greedy(Float32Array.of(3, 2, 1), new Set([0])).id).toBe(1);
    expect(greedy(Float32Array.of(-1.5, -1), new Set([1])).id).toBe(0);
  });

  it('nothing is drawn from the random source', () => {
    const random = createRandom(0);
    const before = random.save();
    chooseToken(logits, { ...plain, temperature: 0 }, random, everything);
    expect(random.save()).toEqual(before);
  });
});

describe('whatever the options', () => {
  const options: fc.Arbitrary<TokenChoiceOptions> = fc.record({
    temperature: fc.double({ min: 0.05, max: 5, noNaN: true }),
    topK: fc.integer({ min: 0, max: 12 }),
    topP: fc.double({ min: 0.01, max: 1, noNaN: true }),
    minP: fc.double({ min: 0, max: 1, noNaN: true }),
    repetitionPenalty: fc.double({ min: 0.5, max: 3, noNaN: true }),
  });
  const anyLogits = fc.float32Array({ minLength: 2, maxLength: 10, min: -20, max: 20, noNaN: true });

  it('the likeliest token can be drawn, the chosen one was allowed, and its probability is told', () => {
    fc.assert(
      fc.property(anyLogits, options, fc.nat(), fc.integer(), (values, chosenOptions, odd, seed) => {
        const allowed = (id: number) => id % 2 === odd % 2;
        const seen = new Set([0, 1]);
        const { id, logProbability } = chooseToken(values, chosenOptions, createRandom(seed), { seen, allowed });
        expect(allowed(id)).toBe(true);
        expect(logProbability).toBeLessThanOrEqual(0);
        // At most 5 may be chosen, so the likeliest fills a fifth of the range from which numbers are drawn, or more.
        const best = chooseToken(values, { ...chosenOptions, temperature: 0 }, createRandom(0), { seen, allowed });
        const drawn = Array.from({ length: 20 }, (_, index) => {
          const fixed = { ...createRandom(0), uniform: () => index / 20 };
          return chooseToken(values, chosenOptions, fixed, { seen, allowed }).id;
        });
        expect(drawn).toContain(best.id);
      }),
    );
  });

  it('probabilities told are those of the distribution drawn from', () => {
    const random = createRandom(5);
    const told = new Map<number, number>();
    for (let draw = 0; draw < 200; draw++) {
      const { id, logProbability } = chooseToken(logits, { ...plain, topK: 3, temperature: 2 }, random, everything);
      told.set(id, Math.exp(logProbability));
    }
    const expected = normalized([0, 0.4, 0.2, 0.3].map(Math.sqrt));
    expect([...told.keys()].toSorted()).toEqual([1, 2, 3]);
    for (const [id, probability] of told) expect(probability).toBeCloseTo(expected[id]!, 6);
  });

  it('logits are not modified', () => {
    const copy = logits.slice();
    chooseToken(logits, { ...plain, repetitionPenalty: 2, topK: 1 }, createRandom(0), {
      ...everything,
      seen: new Set([1]),
    });
    expect(logits).toEqual(copy);
  });
});
