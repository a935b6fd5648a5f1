// Failures of `transfuse setup`, all with one code: what would make native TensorFlow available cannot be done here.
import { TransfuseError } from '@transfuse/core/contracts';

/** Makes the error of a step that cannot be done. */
export function setupFailure(
  place: string,
  found: string,
  expected: string,
  mend: string,
  cause?: unknown,
): TransfuseError {
  return new TransfuseError({
    code: 'engine.unavailable',
    place,
    found,
    expected,
    mend,
    ...(cause !== undefined && { cause }),
  });
}

/** The line of a program's messages that says most: its first error, or its first line. */
export function tellingLine(messages: string): string {
  const lines = messages
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /\berror\b/i.test(line)) ?? lines[0] ?? 'no message';
}
