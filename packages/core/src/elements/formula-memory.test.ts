import fc from 'fast-check';
import { expect, it } from 'vitest';
import { float32, type Formula } from './formula.ts';
import { allocatedBytes, createFormulaMemory } from './formula-memory.ts';

const x: Formula = { kind: 'array', name: 'x' };
const y: Formula = { kind: 'array', name: 'y' };

it('computes arrays where they lie, from what they were before, and leaves their neighbours alone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40_000 }), fc.constantFrom('x', 'y', 'both', 'none'), (length, resident) => {
      const memory = createFormulaMemory(4 * allocatedBytes(length))!;
      const room = () => memory.allocate(length)!;
      const [before, inside, insideToo, after] = [room(), room(), room(), room()];
      const first = resident === 'x' || resident === 'both' ? inside : new Float32Array(length);
      const second = resident === 'y' || resident === 'both' ? insideToo : new Float32Array(length);
      for (let i = 0; i < length; i++) [first[i], second[i]] = [i, 2 * i + 1];
      before.fill(-1);
      after.fill(-2);
      const { run } = memory.plan({ arrays: ['x', 'y'], numbers: [], formulas: [float32.plus(y, x), x] });
      expect(run([first, second], [], length, [first, second])).toEqual([first, second]);
      expect(first).toEqual(Float32Array.from({ length }, (_, i) => 3 * i + 1));
      expect(second).toEqual(Float32Array.from({ length }, (_, i) => i));
      expect(new Set(before)).toEqual(new Set([-1]));
      expect(new Set(after)).toEqual(new Set([-2]));
    }),
    { numRuns: 60 },
  );
});

it('has room for as many arrays as were asked for, and no more', () => {
  const memory = createFormulaMemory(2 * allocatedBytes(50_000))!;
  expect(memory.allocate(50_000)?.length).toBe(50_000);
  expect(memory.allocate(50_000)?.length).toBe(50_000);
  expect(memory.allocate(50_000)).toBeUndefined();
});

it('is not to be had where there is not so much memory', () => {
  expect(createFormulaMemory(2 ** 40)).toBeUndefined();
});
