import { describe, expect, it } from 'vitest';
import { createSessionPool } from './session-pool.ts';

function started() {
  const pool = createSessionPool<{ readonly name: string; release(): Promise<void> }>();
  const released: string[] = [];
  let made = 0;
  const create = async () => {
    const name = `session ${++made}`;
    return { name, release: async () => void released.push(name) };
  };
  return { pool, released, create, made: () => made };
}

describe('a session pool', () => {
  it('shares a session between those who ask at once and later', async () => {
    const { pool, create, made } = started();
    const first = await Promise.all([pool.acquire('a', create), pool.acquire('a', create)]);
    const later = await pool.acquire('a', create);
    expect(new Set([...first, later].map(({ session }) => session.name)).size).toBe(1);
    expect((await pool.acquire('b', create)).session.name).toBe('session 2');
    expect(made()).toBe(2);
  });

  it('releases a session when the last share ends, and makes a new one afterwards', async () => {
    const { pool, create, released } = started();
    const [one, two] = await Promise.all([pool.acquire('a', create), pool.acquire('a', create)]);
    await one.release();
    expect(released).toEqual([]);
    await two.release();
    expect(released).toEqual(['session 1']);
    expect((await pool.acquire('a', create)).session.name).toBe('session 2');
  });

  it('does not remember a failure', async () => {
    const { pool, create } = started();
    const failing = () => Promise.reject(new Error('no memory'));
    const both = await Promise.allSettled([pool.acquire('a', failing), pool.acquire('a', failing)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await pool.acquire('a', create)).session.name).toBe('session 1');
  });
});
