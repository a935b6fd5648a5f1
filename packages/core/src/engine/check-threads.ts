import { TransfuseError } from '../errors/index.ts';

/** Throws `config.invalid` for anything but a number of threads; left out, it is the engine's to choose. */
export function checkThreads(engine: string, threads: unknown): void {
  if (threads === undefined || (Number.isInteger(threads) && (threads as number) >= 1)) return;
  throw new TransfuseError({
    code: 'config.invalid',
    place: `${engine}, threads`,
    found: String(threads),
    expected: 'a whole number of at least 1',
    mend: 'Write, for example, threads: 2, or leave the option out.',
  });
}
