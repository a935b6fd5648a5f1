import type { ErrorCode } from './error-codes.ts';

/** What a {@link TransfuseError} is made of. */
export interface TransfuseErrorDetails {
  /** Stable code from the table of {@link errorCodes}. */
  readonly code: ErrorCode;
  /** Where: a file, a field path such as `model.width`, a plugin's name, a tensor's name. */
  readonly place: string;
  /** What was found there. */
  readonly found: string;
  /** What would have been right. */
  readonly expected: string;
  /** How to mend it, as an instruction. */
  readonly mend: string;
  /** The error that led here, if any. */
  readonly cause?: unknown;
}

/**
 * The one error class of Transfuse: whatever a person can get wrong gets one sentence that names the place, what was
 * found, what was expected and how to mend it, with a stable code.
 *
 * @example
 * ```ts
 * import { TransfuseError } from '@transfuse/core';
 * const error = new TransfuseError({
 *   code: 'config.invalid', place: 'model.width', found: '"wide"', expected: 'a positive integer', mend: 'Write a number, for example 256.',
 * });
 * console.assert(error.message === 'model.width: found "wide", expected a positive integer. Write a number, for example 256.');
 * ```
 */
export class TransfuseError extends Error {
  override readonly name = 'TransfuseError';
  readonly code: ErrorCode;
  readonly place: string;
  readonly found: string;
  readonly expected: string;
  readonly mend: string;

  constructor(details: TransfuseErrorDetails) {
    super(
      `${details.place}: found ${details.found}, expected ${details.expected}. ${details.mend}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = details.code;
    this.place = details.place;
    this.found = details.found;
    this.expected = details.expected;
    this.mend = details.mend;
  }
}
