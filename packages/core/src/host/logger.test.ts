import { afterEach, describe, expect, it, vi } from 'vitest';
import { createConsoleLogger, type LogLevel } from './logger.ts';

afterEach(() => vi.restoreAllMocks());

describe('createConsoleLogger', () => {
  it.each<[LogLevel | undefined, string[]]>([
    [undefined, ['warn', 'error']],
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at level %s shows %j', (level, shown) => {
    const seen: string[] = [];
    const kinds = ['debug', 'info', 'warn', 'error'] as const;
    for (const kind of kinds) vi.spyOn(console, kind).mockImplementation(() => void seen.push(kind));
    const logger = createConsoleLogger(level);
    for (const kind of kinds) logger[kind]('hello');
    expect(seen).toEqual(shown);
  });
});
