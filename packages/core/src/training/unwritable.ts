/**
 * The one error for files and folders that cannot be written: what the operating system said, the place it said it of,
 * and what a person can do about it.
 */

import { TransfuseError } from '../errors/index.ts';

/** A `file.unwritable` error from what a file system call threw, or from what was found in words. */
export function unwritable(place: string, cause: unknown): TransfuseError {
  return new TransfuseError({
    code: 'file.unwritable',
    place,
    found: cause instanceof Error ? cause.message : String(cause),
    expected: 'a place that can be written to',
    mend: 'Check the path, its permissions and the space left on the disk.',
    ...(cause instanceof Error ? { cause } : {}),
  });
}

/** Runs file system calls and turns what they throw into a `file.unwritable` error about a place. */
export function orUnwritable<Result>(place: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    throw error instanceof TransfuseError ? error : unwritable(place, error);
  }
}
