/**
 * Runs the tables of kernel cases on an engine and on the CPU backend, and compares. Where an engine is known to refuse
 * or to differ, the case is named with the reason, and the test fails once that is no longer so.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../packages/core/src/contracts/index.ts';
import { createEagerEngine } from '../../packages/core/src/engine/eager-engine.ts';
import { allCases } from './engine-all-cases.ts';
import { expectAllClose } from './engine-closeness.ts';
import type { KernelCase } from './engine-kernel-case.ts';
import { runOnce } from './engine-pair.ts';

/** What is compared, and how. */
export interface Comparison {
  readonly create: () => Promise<Engine>;
  /** Samples per case. */
  readonly samples: number;
  /** By the beginning of a case's title: a pattern of how it fails. */
  readonly known: Readonly<Record<string, RegExp>>;
}

/** Registers the tests with vitest. */
export function describeComparison(name: string, { create, samples, known }: Comparison): void {
  describe(`kernels on ${name}`, () => {
    let reference: Engine;
    let engine: Engine;
    beforeAll(async () => {
      reference = await createEagerEngine();
      engine = await create();
    });
    afterAll(async () => {
      await engine.dispose();
      await reference.dispose();
    });
    const knownOf = ({ title }: KernelCase) => Object.entries(known).find(([start]) => title.startsWith(start));
    const compare = (given: KernelCase) =>
      fc.assert(
        fc.asyncProperty(given.samples, async ({ inputs, run }) => {
          expectAllClose(await runOnce(engine, run, inputs), await runOnce(reference, run, inputs), given.tolerance);
        }),
        { numRuns: samples, endOnFailure: true, seed: 1 },
      );

    it.each(allCases.filter((given) => knownOf(given) === undefined))('agrees with the CPU backend on $title', compare);

    it.each(allCases.filter((given) => knownOf(given) !== undefined))('is known to differ on $title', async (given) => {
      const failure = await compare(given).then(
        () => undefined,
        (error: Error) => `${error.message} ${(error.cause as Error | undefined)?.message}`,
      );
      expect(failure).toMatch(knownOf(given)![1]);
    });

    it('differs on nothing that is not in the tables', () => {
      const titles = allCases.map(({ title }) => title);
      expect(Object.keys(known).filter((start) => !titles.some((title) => title.startsWith(start)))).toEqual([]);
    });
  });
}
