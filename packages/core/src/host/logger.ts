// Loggers that come with the host. A host says nothing below `warn` unless it is told to.
import type { Logger } from '../contracts/logger.ts';

/** The least serious kind of message that is shown; `silent` shows none. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const seriousness: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/**
 * A logger that writes to the console and drops messages less serious than `level` (default `warn`).
 *
 * @example
 * ```ts
 * import { createConsoleLogger } from '@transfuse/core';
 * createConsoleLogger('info').info('3 plugins loaded');
 * ```
 */
export function createConsoleLogger(level: LogLevel = 'warn'): Logger {
  const write = (kind: Exclude<LogLevel, 'silent'>) => (message: string) => {
    if (seriousness[kind] >= seriousness[level]) console[kind](message);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
