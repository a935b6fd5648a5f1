/** Makes an optional part visible among the tests that take it. */
import { expect, it } from 'vitest';
import type { OptionalPart } from './missing-part.ts';

/**
 * Registers a test of its own for a part: where the part is missing it is skipped and says why, where it is there the
 * tests must really use it.
 */
export function testPart(part: OptionalPart, isTested: () => boolean): void {
  const { what, problem, mend } = part;
  it.skipIf(problem !== undefined)(
    `${what} is tested too${problem === undefined ? '' : `; not here: ${problem}`}`,
    { meta: problem === undefined ? {} : { missing: { what, problem, mend } } },
    () => {
      expect(isTested()).toBe(true);
    },
  );
}
