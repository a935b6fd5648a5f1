/**
 * A list of checks that something keeps a contract, independent of any test runner. A suite is registered with the
 * runner at hand (vitest, node:test, jest) or run by itself for a report. A check that is known to fail can be declared
 * with its reason; the suite then fails once the check holds, so that the declaration does not outlive its cause.
 */
import { AssertionError } from 'node:assert';
import { TransfuseError } from '../errors/index.ts';
import { brokenContract } from './broken-contract.ts';

/** One promise of a contract. */
export interface Check {
  /** What is promised, as a sentence about the thing that is checked. */
  readonly title: string;
  /** Resolves where the promise is kept; rejects with an `AssertionError` of one sentence where it is not. */
  run(): Promise<void>;
}

/** How one check ended. */
export interface CheckResult {
  readonly title: string;
  readonly outcome: 'passed' | 'failed';
  /** Why it failed. */
  readonly error?: Error;
}

/** How a suite ended. */
export interface CheckReport {
  readonly title: string;
  readonly outcome: 'passed' | 'failed';
  /** In the order of the checks. */
  readonly results: readonly CheckResult[];
  /** The sentences of the failed checks, each with its title; empty where all passed. */
  readonly failures: readonly string[];
}

/** The two functions of a test runner that a suite needs; vitest, node:test and jest have them. */
export interface TestRunner {
  /** Groups the tests that `body` registers. */
  describe(title: string, body: () => void): unknown;
  /** Registers a test. */
  it(title: string, body: () => Promise<void>): unknown;
}

/** Checks that belong together. */
export interface CheckSuite {
  readonly title: string;
  readonly checks: readonly Check[];
  /** Registers every check as a test of its own. */
  register(runner: TestRunner): void;
  /** Runs every check, one after the other. */
  run(): Promise<CheckReport>;
}

/** What every suite takes. */
export interface CheckOptions {
  /** What the suite is called. @default the name of the contract */
  readonly title?: string;
  /** Titles of checks that are known to fail, each with the reason. @default none */
  readonly knownFailures?: Readonly<Record<string, string>>;
}

/** Makes a suite of promises. Throws `config.invalid` where a known failure names no check. */
export function createSuite(
  title: string,
  promises: Readonly<Record<string, () => void | Promise<void>>>,
  { title: given, knownFailures = {} }: CheckOptions,
): CheckSuite {
  const titles = Object.keys(promises);
  for (const known of Object.keys(knownFailures)) if (!titles.includes(known)) throw unknownCheck(known, titles);
  const checks = titles.map((name): Check => {
    const run = () => inOneSentence(name, promises[name]!);
    const reason = knownFailures[name];
    return { title: name, run: reason === undefined ? run : () => stillFails(run, reason) };
  });
  const suite: CheckSuite = {
    title: given ?? title,
    checks,
    register: ({ describe, it }) =>
      void describe(suite.title, () => {
        for (const check of checks) it(check.title, () => check.run());
      }),
    run: () => report(suite),
  };
  return suite;
}

async function report({ title, checks }: CheckSuite): Promise<CheckReport> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const error = await check.run().then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    results.push({ title: check.title, outcome: error ? 'failed' : 'passed', ...(error && { error }) });
  }
  const failed = results.filter(({ error }) => error !== undefined);
  return {
    title,
    outcome: failed.length === 0 ? 'passed' : 'failed',
    results,
    failures: failed.map(({ title: name, error }) => `${name}: ${error?.message}`),
  };
}

/** Whatever the checked thing throws by itself becomes a failed check too. */
async function inOneSentence(title: string, promise: () => void | Promise<void>): Promise<void> {
  try {
    await promise();
  } catch (error) {
    if (error instanceof AssertionError) throw error;
    const thrown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    brokenContract(`It threw ${thrown.replace(/\.$/, '')}, where the contract wants that it ${title}.`, error);
  }
}

async function stillFails(run: () => Promise<void>, reason: string): Promise<void> {
  const failed = await run().then(
    () => false,
    () => true,
  );
  if (!failed)
    brokenContract(`This is declared as a known failure (${reason}), but it holds: take it from knownFailures.`);
}

function unknownCheck(name: string, titles: readonly string[]): TransfuseError {
  return new TransfuseError({
    code: 'config.invalid',
    place: 'knownFailures',
    found: JSON.stringify(name),
    expected: `a title among ${titles.map((title) => JSON.stringify(title)).join(', ')}`,
    mend: 'Write the title of the check as the report shows it.',
  });
}
