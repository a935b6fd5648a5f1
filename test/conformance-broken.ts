// The test of the tests: every check of a suite must be able to fail. A case breaks one promise and gives the sentence
// that an author would read; together the cases of a suite must break every promise it has.
import { expect, it } from 'vitest';
import type { CheckSuite } from '@transfuse/core/testing';

/** A broken thing: the title of the check that must fail, the suite over it, and the sentence it must fail with. */
export type BrokenCase = readonly [title: string, suite: CheckSuite, sentence: RegExp];

/** Registers a test per case, one that the cases leave no check of `whole` out, and one that `whole` itself passes. */
export function registerBroken(whole: CheckSuite, cases: readonly BrokenCase[]): void {
  it('passes what keeps the contract', async () => {
    expect((await whole.run()).failures).toEqual([]);
  });

  it.each(cases)('%s: fails what does not', async (title, suite, sentence) => {
    const check = suite.checks.find((one) => one.title === title);
    const error = await check!.run().then(
      () => new Error('the check passed'),
      (thrown: Error) => thrown,
    );
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^\S[^\n]*\.$/); // one sentence, on one line
    expect(error.name).toBe('AssertionError');
  });

  it('breaks every check of the suite', () => {
    expect(new Set(cases.map(([title]) => title))).toEqual(new Set(whole.checks.map(({ title }) => title)));
  });
}
