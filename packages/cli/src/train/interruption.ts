// Ctrl-C during training. The first asks the run to end after the step in progress; the second ends the process at
// once, which is safe: a checkpoint is replaced whole or not at all. After the first, the signal is soon given back to
// the operating system, whose answer to the second does not wait for anything the process is computing.
import type { Surroundings } from '../surroundings.ts';

/** Exit code of a program that was interrupted: 128 and the number of SIGINT. */
export const interruptedExitCode = 130;

/** A watch over Ctrl-C. */
export interface Interruption {
  /** Fires at the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Stops watching. */
  end(): void;
}

// npm passes a Ctrl-C on to a program that the terminal has already told: two signals for one press.
const samePressMilliseconds = 200;

/** Watches for Ctrl-C; `onFirst` is called at the first. */
export function watchInterruption(
  { onInterrupt, exit }: Pick<Surroundings, 'onInterrupt' | 'exit'>,
  { onFirst, now = () => performance.now() }: { readonly onFirst: () => void; readonly now?: () => number },
): Interruption {
  const controller = new AbortController();
  let first: number | undefined;
  let giveBack: NodeJS.Timeout | undefined;
  const stopListening = onInterrupt(() => {
    const at = now();
    if (first === undefined) {
      first = at;
      giveBack = setTimeout(stopListening, samePressMilliseconds);
      onFirst();
      controller.abort();
    } else if (at - first > samePressMilliseconds) {
      exit(interruptedExitCode);
    }
  });
  return {
    signal: controller.signal,
    end() {
      clearTimeout(giveBack);
      stopListening();
    },
  };
}
