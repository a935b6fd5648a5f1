import { expect, it, vi } from 'vitest';
import { createSessionLease } from './session-lease.ts';

it('a session is released when its function ends and nothing holds it', async () => {
  const release = vi.fn<() => Promise<void>>(async () => {});
  await createSessionLease(release).end();
  expect(release).toHaveBeenCalledOnce();
});

it('a session outlives its function until the last result is let go of', async () => {
  const release = vi.fn<() => Promise<void>>(async () => {});
  const lease = createSessionLease(release);
  const [first, second] = [lease.hold(), lease.hold()];
  first();
  await lease.end();
  expect(release).not.toHaveBeenCalled();
  second();
  expect(release).toHaveBeenCalledOnce();
});
