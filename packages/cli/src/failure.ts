// Turns whatever a command threw into what the user sees: one sentence on standard error or, for scripts, one JSON
// object; and the exit code. What a person can get wrong is a TransfuseError and ends with 2, anything else with 1.
import { inspect } from 'node:util';
import type { TransfuseError } from '@transfuse/core/contracts';

/** An error in parts, as `--json` prints it under `error`. */
export interface FailureDetails {
  /** A code of the error table, `usage` for a wrong command line, `unexpected` for what nobody foresaw. */
  readonly code: string;
  readonly place: string;
  readonly found: string;
  readonly expected: string;
  readonly mend: string;
}

/** What to tell of an error. */
export interface Failure {
  readonly exitCode: 1 | 2;
  /** One line for people. */
  readonly sentence: string;
  readonly details: FailureDetails;
  /** The error with its stack and causes, for `--debug`. */
  readonly trace: string;
}

/** Describes an error that a command threw. */
export function describeFailure(error: unknown): Failure {
  const trace = inspect(error, { depth: 4 });
  if (isTransfuseError(error)) {
    const { code, place, found, expected, mend } = error;
    const sentence = `${oneLine(error.message)} [${code}]`;
    return { exitCode: 2, sentence, details: { code, place, found, expected, mend }, trace };
  }
  const message = oneLine(error instanceof Error ? error.message || error.name : String(error));
  return {
    exitCode: 1,
    sentence: `transfuse failed: ${message} (--debug shows where)`,
    details: {
      code: 'unexpected',
      place: 'transfuse',
      found: message,
      expected: 'no error',
      mend: 'Run it again with --debug and report what it shows.',
    },
    trace,
  };
}

/** Describes a wrong command line, from the message of the parser. */
export function describeUsage(message: string): FailureDetails {
  return {
    code: 'usage',
    place: 'command line',
    found: oneLine(message.replace(/^error: /, '')),
    expected: 'a command as `transfuse --help` describes it',
    mend: 'Run the command with --help.',
  };
}

/** Whether an error is one of ours; holds across two installed copies of the core package. */
export function isTransfuseError(error: unknown): error is TransfuseError {
  return error instanceof Error && error.name === 'TransfuseError' && 'code' in error && 'mend' in error;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
