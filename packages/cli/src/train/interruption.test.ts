import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordSurroundings } from '../testing/recorded-surroundings.ts';
import { watchInterruption } from './interruption.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch() {
  const surroundings = recordSurroundings();
  const onFirst = vi.fn<() => void>();
  let time = 0;
  const interruption = watchInterruption(surroundings, { onFirst, now: () => time });
  const press = (at: number) => {
    time = at;
    surroundings.interrupt();
  };
  return { surroundings, onFirst, interruption, press };
}

describe('watchInterruption', () => {
  it('fires its signal at the first Ctrl-C and goes on', () => {
    const { surroundings, onFirst, interruption, press } = watch();
    expect(interruption.signal.aborted).toBe(false);
    press(1000);
    expect(interruption.signal.aborted).toBe(true);
    expect(onFirst).toHaveBeenCalledTimes(1);
    expect(surroundings.exits).toEqual([]);
    interruption.end();
  });

  it('takes two signals of one press as one', () => {
    const { surroundings, onFirst, interruption, press } = watch();
    press(1000);
    press(1005);
    expect(onFirst).toHaveBeenCalledTimes(1);
    expect(surroundings.exits).toEqual([]);
    interruption.end();
  });

  it('ends the process at the second press', () => {
    const { surroundings, interruption, press } = watch();
    press(1000);
    press(1300);
    expect(surroundings.exits).toEqual([130]);
    interruption.end();
  });

  it('soon leaves a second press to the operating system', () => {
    const { surroundings, press } = watch();
    press(1000);
    expect(surroundings.listeners).toBe(1);
    vi.advanceTimersByTime(200);
    expect(surroundings.listeners).toBe(0);
  });

  it('leaves nothing behind when it ends', () => {
    const { surroundings, interruption, press } = watch();
    press(1000);
    interruption.end();
    expect(surroundings.listeners).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
