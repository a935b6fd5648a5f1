/**
 * Global setup of vitest: when a run is over, says in one line each what it could not test on this machine. The tests
 * that were skipped say so themselves, so nothing is looked for twice. Standard error, because a reporter may write a
 * document to standard output.
 */
import type { TestProject } from 'vitest/node';
import { missingLines } from './missing-part.ts';

export default function summarizeMissingParts(project: TestProject): (() => void) | undefined {
  if (!project.isRootProject()) return undefined; // every project has the setup; one of them speaks for all
  return () => {
    for (const line of missingLines(project.vitest.state.getTestModules())) process.stderr.write(`${line}\n`);
  };
}
