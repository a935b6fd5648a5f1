/**
 * What some tests take that not every machine has (a backend, a driver, a program), and how it is said after a run that
 * they were skipped for want of it: the count of skipped tests alone would hide it.
 */
import type { TestModule } from 'vitest/node';

/** Something that tests look for, and what came of it. */
export interface OptionalPart {
  /** What is tested with it; completes "… is tested too" and "not tested here: …". */
  readonly what: string;
  /** Why it is not to be had; undefined where it is. */
  readonly problem: string | undefined;
  /** How to get it, or where that is written. */
  readonly mend: string;
}

/** One that is not to be had. */
export interface MissingPart extends OptionalPart {
  readonly problem: string;
}

declare module 'vitest' {
  interface TaskMeta {
    /** What the test was skipped for. */
    missing?: MissingPart;
  }
}

/** The sentence that says so, in one line whatever the problem's text. */
export function notTestedHere({ what, problem, mend }: MissingPart): string {
  return `not tested here: ${what} (${problem.trim().replace(/\s+/g, ' ')}; ${mend})`;
}

/** What the tests of these files were skipped for: a line for each thing, however many files want it. */
export function missingLines(modules: Iterable<Pick<TestModule, 'children'>>): readonly string[] {
  const missing = new Map<string, MissingPart>();
  for (const { children } of modules) {
    for (const test of children.allTests()) {
      const part = test.meta().missing;
      if (part !== undefined && !missing.has(part.what)) missing.set(part.what, part);
    }
  }
  return [...missing.values()].map(notTestedHere).toSorted();
}
