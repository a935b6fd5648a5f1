import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { realMachine } from './machine.ts';

const { run } = realMachine();

describe('a program that is run', () => {
  it('is answered for with what it wrote and how it ended', async () => {
    const answer = await run('sh', ['-c', 'echo out; echo $GREETING >&2; exit 3'], {
      variables: { GREETING: 'hello' },
    });
    expect(answer).toEqual({ code: 3, signal: null, stdout: 'out\n', stderr: 'hello\n' });
  });

  it('is answered for where there is no such program', async () => {
    const none = { code: null, signal: 'ENOENT' };
    expect(await run('no-such-program', [])).toMatchObject(none);
    expect(await run('no-such-program', [], { signal: AbortSignal.abort() })).toMatchObject(none);
  });

  it('ends with every program that it started when its signal fires', async () => {
    const end = new AbortController();
    // The inner program keeps the output open: the answer comes when both have ended.
    const running = run('sh', ['-c', 'echo started; sleep 60 & wait'], { signal: end.signal });
    await delay(300);
    end.abort();
    expect(await running).toEqual({ code: null, signal: 'SIGKILL', stdout: 'started\n', stderr: '' });
  });

  it('does not outlive a signal that fired before', async () => {
    expect(await run('sleep', ['60'], { signal: AbortSignal.abort() })).toMatchObject({ signal: 'SIGKILL' });
  });
});
