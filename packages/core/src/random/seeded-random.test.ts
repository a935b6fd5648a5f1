import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { TransfuseError } from '../errors/index.ts';
import { createRandom } from './seeded-random.ts';

/*
 * Known answers come from two places. The outputs of xoshiro128** for the state 1, 2, 3, 4 are those that the reference
 * C code (version 1.1) prints. All else was computed once with a Python program written from the papers alone, with
 * Python's unbounded integers:
 *
 *   splitmix(s): s += 0x9E3779B97F4A7C15; z = s; z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
 *                z = (z ^ z >> 27) * 0x94D049BB133111EB; yield z ^ z >> 31      (all modulo 2^64)
 *   state(seed): for two outputs of splitmix(seed mod 2^64): the low 32 bits, then the high 32 bits
 *   fnv(bytes):  h = 0xCBF29CE484222325; for each byte: h = (h ^ byte) * 0x100000001B3 mod 2^64
 *   uniform:     ((next >> 5) * 2**26 + (next >> 6)) / 2**53
 *   fork:        state(fnv(struct.pack('<4I', *words) + label.encode()))
 *   normal:      h, l = next, next; layer = h % 32 + 32 * (l % 4); u = 2 * uniform(h, l) - 1; then ZIGNOR
 */

const states = fc
  .array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 4, maxLength: 4 })
  .filter((words) => words.some((word) => word !== 0));

describe('known answers', () => {
  it('draws the words of the reference xoshiro128** from the state 1, 2, 3, 4', () => {
    const random = createRandom(0);
    random.restore([1, 2, 3, 4]);
    const words = Array.from({ length: 10 }, () => random.integer(2 ** 32));
    expect(words).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('spreads a seed over the state with SplitMix64', () => {
    expect(createRandom(7).save()).toEqual([1496452567, 1674306020, 4097599004, 72105175]);
    expect(createRandom(-1).save()).toEqual([459615264, 3839455607, 3690365641, 3919575143]);
    expect(createRandom(0).save()).toEqual([2065550767, 3793791033, 2713282036, 1853398634]);
    // Vigna's own splitmix64.c prints 6457827717110365317 and 3203168211198807973 for this seed.
    const [low0, high0, low1, high1] = createRandom(1234567).save().map(BigInt);
    expect(low0! + (high0! << 32n)).toBe(6457827717110365317n);
    expect(low1! + (high1! << 32n)).toBe(3203168211198807973n);
  });

  it('hashes a text with FNV-1a, so that 7 and "7" are different seeds', () => {
    expect(createRandom('transfuse').save()).toEqual([491693523, 333911900, 3991328788, 1301532893]);
    expect(createRandom('7').save()).toEqual([2659139456, 3097284135, 807420855, 2130790556]);
  });

  it('makes a uniform number of 53 bits from two words', () => {
    const random = createRandom(7);
    expect([random.uniform(), random.uniform(), random.uniform()]).toEqual([
      0.4193505224726699, 0.6968157502682852, 0.4836025107011258,
    ]);
  });

  it('makes the normal numbers that an independent ziggurat makes, the tail included', () => {
    const random = createRandom(7);
    const numbers = Array.from({ length: 100_000 }, () => random.normal());
    const first = [-0.5552909854069336, 1.0277609240095713, -0.032757731159458736, 0.798328121840507];
    first.forEach((expected, index) => expect(numbers[index]).toBeCloseTo(expected, 14));
    expect(numbers[45_707]).toBeCloseTo(4.0623009978737725, 12); // the largest, from the tail
    expect(numbers.reduce((sum, number) => sum + number, 0)).toBeCloseTo(122.68850305033592, 8);
    expect(random.save()).toEqual([2189886205, 4190612330, 4289244005, 2925151405]);
  });

  it('seeds a fork from the hash of the state and the label', () => {
    const fork = createRandom(7).fork('noise ♥');
    expect(fork.save()).toEqual([702347509, 2137863942, 4284449127, 468614141]);
  });
});

describe('distributions', () => {
  const count = 400_000;

  it('has the moments of a normal distribution, to five standard errors', () => {
    const random = createRandom('moments');
    const powers = [0, 0, 0, 0, 0];
    for (let draw = 0; draw < count; draw++) {
      const number = random.normal();
      for (let power = 1; power <= 4; power++) powers[power]! += number ** power / count;
    }
    const within = (variance: number) => 5 * Math.sqrt(variance / count);
    // E[x^n] is 0, 1, 0, 3 and Var[x^n] = E[x^2n] - E[x^n]^2 is 1, 2, 15, 96.
    expect(Math.abs(powers[1]!)).toBeLessThan(within(1));
    expect(Math.abs(powers[2]! - 1)).toBeLessThan(within(2));
    expect(Math.abs(powers[3]!)).toBeLessThan(within(15));
    expect(Math.abs(powers[4]! - 3)).toBeLessThan(within(96));
  });

  it('puts as many normal numbers beyond 1, 2, 3 and the ziggurat’s base as it should', () => {
    const random = createRandom('tails');
    const numbers = random.fillNormal(new Float32Array(count));
    // P(|x| > b), from the complementary error function.
    const tails = [
      [1, 0.31731050786291415],
      [2, 0.04550026389635842],
      [3, 0.0026997960632601866],
      [3.442619855899, 0.0005761165],
    ] as const;
    for (const [bound, probability] of tails) {
      const beyond = numbers.filter((number) => Math.abs(number) > bound).length;
      const standardError = Math.sqrt(count * probability * (1 - probability));
      expect(Math.abs(beyond - count * probability)).toBeLessThan(5 * standardError);
    }
  });

  it('spreads uniform numbers evenly: chi-squared over 100 cells stays near its 99 degrees of freedom', () => {
    const random = createRandom('cells');
    const cells = Array.from({ length: 100 }, () => 0);
    for (let draw = 0; draw < count; draw++) cells[Math.floor(random.uniform() * 100)]!++;
    const expected = count / 100;
    const chiSquared = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeGreaterThan(99 - 5 * Math.sqrt(198));
    expect(chiSquared).toBeLessThan(99 + 5 * Math.sqrt(198));
  });

  it('favours no remainder where the range does not divide 2^32', () => {
    const random = createRandom('remainders');
    const below = 3 * 2 ** 30; // a plain remainder would land in the first third twice as often
    let firstThird = 0;
    for (let draw = 0; draw < 30_000; draw++) if (random.integer(below) < 2 ** 30) firstThird++;
    expect(Math.abs(firstThird - 10_000)).toBeLessThan(5 * Math.sqrt(30_000 * (1 / 3) * (2 / 3)));
  });

  it('keeps every number in its range, whatever the state', () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 1, max: 2 ** 32 }), (words, below) => {
        const random = createRandom(0);
        random.restore(words);
        const uniform = random.uniform();
        const integer = random.integer(below);
        expect(uniform >= 0 && uniform < 1).toBe(true);
        expect(Number.isInteger(integer) && integer >= 0 && integer < below).toBe(true);
        expect(Number.isFinite(random.normal())).toBe(true);
      }),
    );
  });

  it('fills an array with what single calls give, rounded to 32 bits, and returns that array', () => {
    const into = new Float32Array(1000);
    expect(createRandom(3).fillNormal(into)).toBe(into);
    const single = createRandom(3);
    expect([...into]).toEqual(Array.from(into, () => Math.fround(single.normal())));
  });
});

describe('forks', () => {
  it('are decided by state and label, and leave their parent where it was', () => {
    const parent = createRandom(11);
    const before = parent.save();
    const fork = parent.fork('a');
    expect(parent.save()).toEqual(before);
    expect(parent.fork('a').save()).toEqual(fork.save());
    expect(parent.fork('b').save()).not.toEqual(fork.save());
    parent.uniform();
    expect(parent.fork('a').save()).not.toEqual(fork.save());
  });

  it('do not disturb their parent or siblings when drawn from', () => {
    const parent = createRandom(11);
    const [first, second] = [parent.fork('a'), parent.fork('b')];
    first.fillNormal(new Float32Array(100));
    expect(second.save()).toEqual(createRandom(11).fork('b').save());
    expect(parent.save()).toEqual(createRandom(11).save());
  });

  it('are uncorrelated with their parent and with neighbouring labels, seeds and generations', () => {
    const count = 50_000;
    const parent = createRandom(11);
    const streams = [parent, parent.fork('0'), parent.fork('1'), parent.fork('0').fork('0'), createRandom(12)];
    const draws = streams.map((stream) => stream.fillNormal(new Float32Array(count)));
    draws.forEach((left, index) => {
      for (const right of draws.slice(index + 1)) {
        const correlation = left.reduce((sum, number, at) => sum + number * right[at]!, 0) / count;
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(count));
      }
    });
  });
});

describe('saved states', () => {
  it('take up any stream exactly where it was saved, also through JSON', () => {
    const steps = fc.array(fc.constantFrom('uniform', 'normal', 'integer'), { maxLength: 30 });
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.string()), steps, steps, (seed, before, after) => {
        const draw = (source: ReturnType<typeof createRandom>, what: string) =>
          what === 'uniform' ? source.uniform() : what === 'normal' ? source.normal() : source.integer(1000);
        const original = createRandom(seed);
        before.forEach((what) => draw(original, what));
        const saved = JSON.parse(JSON.stringify(original.save())) as number[];
        const expected = after.map((what) => draw(original, what));
        const other = createRandom('other');
        other.restore(saved);
        expect(after.map((what) => draw(other, what))).toEqual(expected);
        expect(other.fork('x').save()).toEqual(original.fork('x').save());
      }),
    );
  });

  it('are copies: drawing afterwards does not change them', () => {
    const random = createRandom(1);
    const saved = random.save();
    const copy = [...saved];
    random.uniform();
    expect(saved).toEqual(copy);
  });
});

describe('misuse', () => {
  it.each([1.5, Number.NaN, Infinity, 2 ** 53])('refuses the seed %s', (seed) => {
    expect(() => createRandom(seed)).toThrow(
      expect.objectContaining({ name: 'TransfuseError', code: 'config.invalid', place: 'seed' }),
    );
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('refuses to draw an integer below %s', (below) => {
    expect(() => createRandom(1).integer(below)).toThrow(TransfuseError);
  });

  it.each([
    [[]],
    [[0, 0, 0, 0]],
    [[1, 2, 3]],
    [[1, 2, 3, 4, 5]],
    [[1, 2, 3, 2 ** 32]],
    [[1, 2, 3, -1]],
    [[1, 2, 3, 0.5]],
  ])('refuses to take up the state %j and stays as it was', (state) => {
    const random = createRandom(1);
    const before = random.save();
    expect(() => random.restore(state)).toThrow(
      expect.objectContaining({ name: 'TransfuseError', code: 'checkpoint.invalid' }),
    );
    expect(random.save()).toEqual(before);
  });
});
