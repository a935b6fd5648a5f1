/** Expects a refusal: a TransfuseError of one code whose one sentence names what matters. */
import { expect } from 'vitest';
import { type ErrorCode, TransfuseError } from '../../packages/core/src/errors/index.ts';

/** Runs `act`, which may throw or reject, and checks the error's class, code and message. */
export async function expectRefusal(act: () => unknown, code: ErrorCode, ...parts: readonly (string | RegExp)[]) {
  const error = await attempt(act);
  expect(error).toBeInstanceOf(TransfuseError);
  expect({ code: (error as TransfuseError).code, message: (error as Error).message }).toMatchObject({ code });
  for (const part of parts) expect((error as Error).message).toMatch(part);
}

async function attempt(act: () => unknown): Promise<unknown> {
  try {
    return { resolved: await act() };
  } catch (error) {
    return error;
  }
}
