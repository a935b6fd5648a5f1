// Messages of the host and its plugins, one per line on standard error.
import type { Logger } from '@transfuse/core';
import type { Output } from '../surroundings.ts';

/** The least serious messages that are shown. */
export type ShownFrom = 'debug' | 'info' | 'warn';

/** A logger that writes to an output and drops what is less serious than `from`. */
export function createStreamLogger(output: Pick<Output, 'write'>, { from }: { readonly from: ShownFrom }): Logger {
  const levels = ['debug', 'info', 'warn', 'error'] as const;
  const write = (level: (typeof levels)[number]) => (message: string) => {
    if (levels.indexOf(level) < levels.indexOf(from)) return;
    output.write(level === 'warn' || level === 'error' ? `${level}: ${message}\n` : `${message}\n`);
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
