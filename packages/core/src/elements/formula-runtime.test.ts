import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, float32, float64, type Formula, type Operation, rounded } from './formula.ts';
import { type FormulaRuntime, planFormulas } from './formula-runtime.ts';

const names = { arrays: ['x', 'y', 'z'], numbers: ['a', 'b'] } as const;
/** What formulas read, a new object each time. */
const part = fc.oneof(
  fc.constantFrom(...names.arrays).map((name): Formula => ({ kind: 'array', name })),
  fc.constantFrom(...names.numbers).map((name): Formula => ({ kind: 'number', name })),
);
const operations: readonly Operation[] = ['plus', 'minus', 'times', 'over'];

/** Formulas of every shape; parts may be used more than once, whole sub-formulas too. */
const anyFormula: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    part,
    fc.constantFrom(constant(0), constant(-0), constant(0.5), constant(0.1)),
    fc
      .tuple(fc.constantFrom(...operations), fc.boolean(), tie('formula'), tie('formula'))
      .map(([operation, rounds, left, right]) => (rounds ? float32 : float64)[operation](left, right)),
    tie('formula').map(rounded),
    fc.tuple(fc.boolean(), tie('formula')).map(([rounds, of]) => (rounds ? float32 : float64).root(of)),
    fc.tuple(fc.constantFrom(...operations), tie('formula')).map(([operation, of]) => float32[operation](of, of)),
  ),
})).formula;

/** Ordinary numbers, the least and the largest, both zeros, infinities. */
const anyFloat32 = fc.oneof(
  fc.float({ noNaN: true, min: -8, max: 8 }),
  fc.float({ noNaN: true }),
  fc.float({ noNaN: true, min: Math.fround(-1e-37), max: Math.fround(1e-37) }),
  fc.constantFrom(0, -0, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4028234663852886e38, 1 + 2 ** -23),
);
const anyNumber = fc.oneof(anyFloat32, fc.double({ noNaN: true, min: -8, max: 8 }), fc.double({ noNaN: true }));
const anyArrays = fc
  .integer({ min: 0, max: 11 })
  .chain((length) =>
    fc.tuple(...names.arrays.map(() => fc.array(anyFloat32, { minLength: length, maxLength: length }))),
  )
  .map(([x, y, z]) => ({ x: Float32Array.from(x!), y: Float32Array.from(y!), z: Float32Array.from(z!) }));

/** What a formula means, for one element. */
function meaning(formula: Formula, values: Readonly<Record<string, number>>): number {
  switch (formula.kind) {
    case 'array':
    case 'number':
      return values[formula.name]!;
    case 'constant':
      return formula.value;
    case 'rounded':
      return Math.fround(meaning(formula.of, values));
    case 'root':
      return Math.sqrt(meaning(formula.of, values));
    case 'operation': {
      const [left, right] = [meaning(formula.left, values), meaning(formula.right, values)];
      return { plus: left + right, minus: left - right, times: left * right, over: left / right }[formula.operation];
    }
  }
}

/** Bits; what is not a number has more than one form, and none of them means anything. */
const bitsOf = (values: Float32Array) =>
  [...new Uint32Array(values.slice().buffer)].map((bits, i) => (Number.isNaN(values[i]) ? 'NaN' : bits));

const runtimes: readonly FormulaRuntime[] = ['webassembly', 'javascript'];

describe.each(runtimes)('planFormulas in %s', (runtime) => {
  it('gives every bit of what its formulas mean, for all shapes of formulas, extreme numbers and odd lengths', () => {
    fc.assert(
      fc.property(anyFormula, anyFormula, anyArrays, anyNumber, anyNumber, (first, second, arrays, a, b) => {
        const given = [arrays.x, arrays.y, arrays.z];
        const before = structuredClone(given);
        const run = planFormulas({ ...names, formulas: [first, second] }, runtime);
        const meant = [first, second].map((formula) =>
          arrays.x.map((x, i) => meaning(formula, { x, y: arrays.y[i]!, z: arrays.z[i]!, a, b })),
        );
        expect(run(given, [a, b], arrays.x.length).map(bitsOf)).toEqual(meant.map(bitsOf));
        expect(given).toEqual(before);
        run(given, [a, b], arrays.x.length, [arrays.x, arrays.z]); // over what it reads
        expect([arrays.x, arrays.z].map(bitsOf)).toEqual(meant.map(bitsOf));
        expect(arrays.y).toEqual(before[1]);
      }),
      { numRuns: 600 },
    );
  });

  it('gives the same for numbers of 32 bits and of more, in turn', () => {
    const product = float32.times({ kind: 'number', name: 'a' }, { kind: 'array', name: 'x' });
    const run = planFormulas({ arrays: ['x'], numbers: ['a'], formulas: [product] }, runtime);
    const x = Float32Array.of(3, 5, 7, 11, 13);
    for (const a of [0.5, 0.1, Math.fround(0.1), 0.1]) {
      expect(run([x], [a], x.length)).toEqual([x.map((value) => a * value)]);
    }
  });

  it('takes arrays in pieces that are larger than its memory, and results stay as they are when it runs again', () => {
    const difference = float32.minus({ kind: 'array', name: 'x' }, { kind: 'array', name: 'y' });
    const run = planFormulas({ arrays: ['x', 'y'], numbers: [], formulas: [difference] }, runtime);
    const x = Float32Array.from({ length: 150_003 }, (_, i) => i);
    const y = x.map((value) => value / 2);
    const [next] = run([x, y], [], x.length);
    expect(run([y, x], [], x.length)[0]![150_002]).toBe(-75_001);
    expect(next).toEqual(y);
  });

  it('computes over more arrays than WebAssembly has room for', () => {
    const arrays = Array.from({ length: 300 }, (_, i) => `x${i}`);
    const sum = arrays.reduce<Formula>((total, name) => float32.plus(total, { kind: 'array', name }), constant(0));
    const run = planFormulas({ arrays, numbers: [], formulas: [sum] }, runtime);
    const ones = arrays.map(() => new Float32Array(5).fill(1));
    expect(run(ones, [], 5)).toEqual([new Float32Array(5).fill(300)]);
  });

  it('refuses what formulas read and nobody names, and runs that are not given what they need', () => {
    const next = float32.times({ kind: 'number', name: 'a' }, { kind: 'array', name: 'x' });
    const refused = (found: string) => expect.objectContaining({ code: 'engine.feed-mismatch', found });
    const plan = (arrays: readonly string[], numbers: readonly string[]) =>
      planFormulas({ arrays, numbers, formulas: [next] }, runtime);
    expect(() => plan(['y'], ['a'])).toThrow(refused('the array x'));
    expect(() => plan(['x'], [])).toThrow(refused('the number a'));
    const run = plan(['x'], ['a']);
    const three = new Float32Array(3);
    expect(() => run([], [1], 3)).toThrow(refused('0 arrays'));
    expect(() => run([three], [], 3)).toThrow(refused('0 numbers'));
    expect(() => run([three], [1], 4)).toThrow(refused('3 elements'));
    expect(() => run([three], [1], 3, [])).toThrow(refused('0 arrays for results'));
    expect(() => run([three], [1], 3, [new Float32Array(2)])).toThrow(refused('2 elements for a result'));
  });
});
