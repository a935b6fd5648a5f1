import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RandomSource } from '../contracts/random-source.ts';
import { TransfuseError } from '../errors/index.ts';
import { nextMt19937Word, seedMt19937, seedMt19937ByKey } from './mt19937.ts';
import { createTorchRandom } from './torch-random.ts';

// The reference numbers come from PyTorch and NumPy, by `test/reference/torch_random.py`.

interface Fill {
  readonly seed: string;
  readonly size: number;
  readonly head: readonly number[];
  readonly tail: readonly number[];
  readonly sum: number;
  readonly absolute: number;
  readonly sha256: string;
}

const reference = JSON.parse(readFileSync(new URL('./torch-random.fixture.json', import.meta.url), 'utf8')) as {
  fills: readonly Fill[];
  sequences: readonly { seed: string; calls: readonly (readonly ['rand' | 'randn' | 'randint', number, number[]])[] }[];
  words: readonly { key: readonly number[]; first: number; later: readonly number[] }[];
};

const expectClose = (found: ArrayLike<number>, expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, index) => expect(Math.abs(found[index]! - value)).toBeLessThanOrEqual(2e-7));
};

describe('the words', () => {
  it('are those of the reference code: the 10000th of the default seed 5489', () => {
    const state = seedMt19937(5489);
    for (let index = 1; index < 10_000; index++) nextMt19937Word(state);
    expect(nextMt19937Word(state)).toBe(4123659995); // the check value of the C++ standard, [rand.predef]
  });

  it.each(reference.words.map((entry) => [entry.key.length, entry] as const))(
    'follow from a key of %i words as NumPy’s do',
    (_, { key, first, later }) => {
      const state = seedMt19937ByKey(key);
      const words = Array.from({ length: 1003 }, () => nextMt19937Word(state));
      expect([words[0], ...words.slice(999)]).toEqual([first, ...later]);
    },
  );
});

describe('filling', () => {
  it.each(reference.fills.map((entry) => [entry.size, entry.seed, entry] as const))(
    'gives what torch.randn(%i) gives after torch.manual_seed(%s)',
    (size, seed, { head, tail, sum, absolute, sha256 }) => {
      const into = new Float32Array(size);
      const numbers = createTorchRandom(BigInt(seed)).fillNormal(into);
      expect(numbers).toBe(into);
      expectClose(numbers.slice(0, 20), head);
      expectClose(numbers.slice(-20), tail);
      expect(numbers.reduce((total, value) => total + value, 0)).toBeCloseTo(sum, 4);
      expect(numbers.reduce((total, value) => total + Math.abs(value), 0) / absolute).toBeCloseTo(1, 7);
      expect(createHash('sha256').update(numbers).digest('hex')).toBe(sha256);
    },
  );

  it('leaves the stream alone for an empty array', () => {
    const random = createTorchRandom(1);
    random.fillNormal(new Float32Array(0));
    expect(random.save()).toEqual(createTorchRandom(1).save());
  });

  it('has the moments of a normal distribution, to five standard errors', () => {
    const count = 200_000;
    const numbers = createTorchRandom(3).fillNormal(new Float32Array(count));
    const moment = (power: number) => numbers.reduce((sum, value) => sum + value ** power, 0) / count;
    // Var[x^n] = E[x^2n] - E[x^n]^2 is 1, 2, 15, 96.
    [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ].forEach(([power, mean, variance]) => {
      expect(Math.abs(moment(power!) - mean!)).toBeLessThan(5 * Math.sqrt(variance! / count));
    });
  });
});

describe('calls in one stream', () => {
  const made = (random: RandomSource, name: string, argument: number): ArrayLike<number> => {
    if (name === 'rand') return [random.uniform()];
    if (name === 'randint') return [random.integer(argument)];
    return argument === 1 ? [random.normal()] : random.fillNormal(new Float32Array(argument)).slice(-16);
  };

  it.each(reference.sequences)('keep in step with PyTorch’s, seed $seed', ({ seed, calls }) => {
    const random = createTorchRandom(BigInt(seed));
    for (const [name, argument, results] of calls) {
      const found = made(random, name, argument);
      if (name === 'rand') expect(found[0]).toBe(Math.fround(results[0]!));
      else if (name === 'randint') expect(found).toEqual(results);
      else expectClose(found, results);
    }
  });

  it('gives single normal numbers as float32', () => {
    const random = createTorchRandom(9);
    const numbers = Array.from({ length: 10 }, () => random.normal());
    expect(numbers).toEqual(numbers.map(Math.fround));
    expect(numbers).toEqual([...createTorchRandom(9).fillNormal(new Float32Array(10))]);
  });

  it('keep every number in its range', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (seed, below) => {
        const random = createTorchRandom(seed);
        const [uniform, integer] = [random.uniform(), random.integer(below)];
        expect(uniform >= 0 && uniform < 1 && Number.isInteger(uniform * 2 ** 24)).toBe(true);
        expect(Number.isInteger(integer) && integer >= 0 && integer < below).toBe(true);
        expect(random.fillNormal(new Float32Array(19)).every(Number.isFinite)).toBe(true);
      }),
    );
  });
});

describe('seeds', () => {
  it('are the same as number and as bigint, and count modulo 2^32', () => {
    expect(createTorchRandom(7).save()).toEqual(createTorchRandom(7n).save());
    expect(createTorchRandom(2 ** 32 + 7).save()).toEqual(createTorchRandom(7).save());
    expect(createTorchRandom(-1).save()).toEqual(createTorchRandom(2n ** 64n - 1n).save());
    expect(createTorchRandom(8).save()).not.toEqual(createTorchRandom(7).save());
  });

  it.each([1.5, Number.NaN, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n])('refuse %s', (seed) => {
    expect(() => createTorchRandom(seed)).toThrow(
      expect.objectContaining({ name: 'TransfuseError', code: 'config.invalid', place: 'seed' }),
    );
  });
});

describe('forks', () => {
  it('are decided by state and label, and leave their parent where it was', () => {
    const parent = createTorchRandom(11);
    const before = parent.save();
    const fork = parent.fork('a');
    expect(parent.save()).toEqual(before);
    expect(parent.fork('a').save()).toEqual(fork.save());
    expect(parent.fork('b').save()).not.toEqual(fork.save());
    parent.uniform();
    expect(parent.fork('a').save()).not.toEqual(fork.save());
  });

  it('tell a stream with a normal number waiting from one without', () => {
    const parent = createTorchRandom(11);
    parent.normal();
    const waiting = parent.fork('a');
    parent.normal(); // hands out the waiting one, draws no word
    expect(parent.fork('a').save()).not.toEqual(waiting.save());
  });

  it('are uncorrelated with their parent and with neighbouring labels and generations', () => {
    const count = 20_000;
    const parent = createTorchRandom(11);
    const streams = [parent, parent.fork('0'), parent.fork('1'), parent.fork('0').fork('0')];
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
    const steps = fc.array(fc.constantFrom('uniform', 'normal', 'integer', 'fill'), { maxLength: 30 });
    const draw = (source: RandomSource, what: string) => {
      if (what === 'uniform') return source.uniform();
      if (what === 'normal') return source.normal();
      return what === 'integer' ? source.integer(1000) : [...source.fillNormal(new Float32Array(17))];
    };
    fc.assert(
      fc.property(fc.maxSafeInteger(), steps, steps, (seed, before, after) => {
        const original = createTorchRandom(seed);
        before.forEach((what) => draw(original, what));
        const saved = JSON.parse(JSON.stringify(original.save())) as number[];
        const expected = after.map((what) => draw(original, what));
        const other = createTorchRandom(99);
        other.restore(saved);
        expect(after.map((what) => draw(other, what))).toEqual(expected);
        expect(other.save()).toEqual(original.save());
      }),
      { numRuns: 30 },
    );
  });

  const valid = createTorchRandom(1).save();
  it.each([
    ['too short', valid.slice(1)],
    ['too long', [...valid, 0]],
    ['no list', undefined as unknown as number[]],
    ['a word out of range', [2 ** 32, ...valid.slice(1)]],
    ['all zero', [...valid.slice(0, 624).map(() => 0), ...valid.slice(624)]],
    ['a position out of range', [...valid.slice(0, 624), 625, 0, 0]],
    ['a flag that is none', [...valid.slice(0, 625), 2, 0]],
    ['an infinite normal number', [...valid.slice(0, 625), 1, Infinity]],
  ])('are refused where they are not one, and the stream stays as it was: %s', (_, state) => {
    const random = createTorchRandom(1);
    expect(() => random.restore(state)).toThrow(
      expect.objectContaining({ name: 'TransfuseError', code: 'checkpoint.invalid' }),
    );
    expect(random.save()).toEqual(valid);
  });
});

describe('misuse', () => {
  it.each([0, -1, 1.5, 2 ** 53, Number.NaN])('refuses to draw an integer below %s', (below) => {
    expect(() => createTorchRandom(1).integer(below)).toThrow(TransfuseError);
  });
});
