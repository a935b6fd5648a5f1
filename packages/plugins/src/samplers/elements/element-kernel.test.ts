import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, float32, float64, type Formula, type Operation, rounded } from './element-formula.ts';
import { elementKernel, type KernelRuntime } from './element-kernel.ts';
import { formulaModule } from './formula-code.ts';
import { wasmHost } from './wasm-host.ts';

const names = { arrays: ['x', 'y', 'z'], numbers: ['a', 'b'] } as const;
const parts = [...names.arrays.map((name): Formula => ({ kind: 'array', name })), ...numberParts()];
const operations: readonly Operation[] = ['plus', 'minus', 'times', 'over'];

function numberParts(): Formula[] {
  return names.numbers.map((name): Formula => ({ kind: 'number', name }));
}

/** Formulas of every shape; parts may be used more than once, whole sub-formulas too. */
const anyFormula: fc.Arbitrary<Formula> = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.constantFrom(...parts, constant(0), constant(-0), constant(0.5), constant(0.1)),
    fc
      .tuple(fc.constantFrom(...operations), fc.boolean(), tie('formula'), tie('formula'))
      .map(([operation, rounds, left, right]) => (rounds ? float32 : float64)[operation](left, right)),
    tie('formula').map(rounded),
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
    case 'operation': {
      const [left, right] = [meaning(formula.left, values), meaning(formula.right, values)];
      return { plus: left + right, minus: left - right, times: left * right, over: left / right }[formula.operation];
    }
  }
}

/** Bits; what is not a number has more than one form, and none of them means anything. */
const bitsOf = (values: Float32Array) =>
  [...new Uint32Array(values.slice().buffer)].map((bits, i) => (Number.isNaN(values[i]) ? 'NaN' : bits));

const runtimes: readonly KernelRuntime[] = ['webassembly', 'javascript'];

it('finds WebAssembly with vector instructions here, so that the tests below do compare two runtimes', () => {
  const copy = formulaModule({ arrays: ['x'], numbers: [], formulas: [parts[0]!] }, 4096, 'float32');
  const host = wasmHost(copy)!;
  host.memory.set([3, 1, 4, 1, 5]);
  host.start(copy)(32);
  expect([...host.memory.subarray(1024, 1030)]).toEqual([3, 1, 4, 1, 5, 0]);
});

it('has no host where a module cannot be compiled', () => {
  expect(wasmHost(Uint8Array.of(1, 2, 3))).toBeUndefined();
});

describe.each(runtimes)('elementKernel in %s', (runtime) => {
  it('gives every bit of what its formulas mean, for all shapes of formulas, extreme numbers and odd lengths', () => {
    fc.assert(
      fc.property(anyFormula, anyFormula, anyArrays, anyNumber, anyNumber, (first, second, arrays, a, b) => {
        const before = structuredClone(arrays);
        const results = elementKernel(names, () => ({ first, second }), runtime)(arrays, { a, b });
        for (const [result, formula] of [
          [results.first, first],
          [results.second, second],
        ] as const) {
          const expected = arrays.x.map((x, i) => meaning(formula, { x, y: arrays.y[i]!, z: arrays.z[i]!, a, b }));
          expect(bitsOf(result)).toEqual(bitsOf(expected));
        }
        expect(arrays).toEqual(before);
      }),
      { numRuns: 600 },
    );
  });

  it('gives one kernel’s results for numbers of 32 bits and of more, in turn', () => {
    const product = elementKernel(
      { arrays: ['x'], numbers: ['a'] },
      ({ x, a }) => ({ next: float32.times(a, x) }),
      runtime,
    );
    const x = Float32Array.of(3, 5, 7, 11, 13);
    for (const a of [0.5, 0.1, Math.fround(0.1), 0.1]) {
      expect(product({ x }, { a }).next).toEqual(x.map((value) => a * value));
    }
  });

  it('takes arrays in pieces that are larger than its memory, and results stay as they are when it runs again', () => {
    const difference = elementKernel(
      { arrays: ['x', 'y'], numbers: [] },
      ({ x, y }) => ({ next: float32.minus(x, y) }),
      runtime,
    );
    const x = Float32Array.from({ length: 150_003 }, (_, i) => i);
    const y = x.map((value) => value / 2);
    const { next } = difference({ x, y }, {});
    expect(difference({ x: y, y: x }, {}).next[150_002]).toBe(-75_001);
    expect(next).toEqual(y);
  });

  it('refuses arrays of different lengths', () => {
    const sum = elementKernel(
      { arrays: ['latent', 'noise'], numbers: [] },
      ({ latent, noise }) => ({ next: float64.plus(latent, noise) }),
      runtime,
    );
    expect(() => sum({ latent: new Float32Array(4), noise: new Float32Array(3) }, {})).toThrow(
      expect.objectContaining({ code: 'schedule.invalid', found: 'latent of 4 values, noise of 3 values' }),
    );
  });
});
