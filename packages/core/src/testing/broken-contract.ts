/**
 * How a check says that a contract is broken: an `AssertionError`, which every test runner shows as a failed test, with
 * one sentence that tells an author what was found and what the contract wants.
 */
import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorCode } from '../errors/index.ts';

/** Fails the check. */
export function brokenContract(sentence: string, cause?: unknown): never {
  const error = new AssertionError({ message: sentence, operator: 'contract', stackStartFn: brokenContract });
  if (cause !== undefined) error.cause = cause;
  throw error;
}

/** Fails the check with a sentence unless something holds. */
export function insist(holds: boolean, sentence: string | (() => string)): asserts holds {
  if (!holds) brokenContract(typeof sentence === 'string' ? sentence : sentence());
}

/** Runs an action and fails the check where anything in `inputs` has changed after it. */
export async function insistUntouched<Result>(
  inputs: Readonly<Record<string, unknown>>,
  action: () => Result | Promise<Result>,
  what: string,
): Promise<Result> {
  const before = structuredClone(inputs);
  const result = await action();
  for (const [name, value] of Object.entries(inputs)) {
    insist(isDeepStrictEqual(value, before[name]), `${what} changed its argument ${name}; arguments stay as they are.`);
  }
  return result;
}

/** Fails the check unless the action throws, or rejects with, a `TransfuseError`, of one of the codes where any are named. */
export async function insistRefusal(
  action: () => unknown,
  what: string,
  codes: readonly ErrorCode[] = [],
): Promise<void> {
  const wanted = codes.length === 0 ? 'a TransfuseError' : `a TransfuseError of code ${codes.join(' or ')}`;
  let answer: unknown;
  try {
    answer = await action();
  } catch (error) {
    const code = error instanceof Error && error.name === 'TransfuseError' && 'code' in error ? error.code : undefined;
    const right = code !== undefined && (codes.length === 0 || codes.includes(code as ErrorCode));
    return insist(right, `${what} ended with ${String(error)}; the contract wants ${wanted}.`);
  }
  brokenContract(
    `${what} was accepted${answer === undefined ? '' : ` and gave ${shortly(answer)}`}; refuse it with ${wanted}.`,
  );
}

function shortly(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return value.constructor === undefined ? 'an object' : `a value of type ${value.constructor.name}`;
}
