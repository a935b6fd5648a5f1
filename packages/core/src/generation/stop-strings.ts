/**
 * Watches a text stream for stop strings. Text that could be the beginning of one is held back until it is clear, so
 * nothing of a stop string is ever shown.
 */
export interface StopWatcher {
  /** Takes new text; returns what may be shown, and whether a stop string was completed. */
  push(text: string): { readonly show: string; readonly stopped: boolean };
  /** Ends the stream: what was held back. */
  flush(): string;
}

/** Creates a watcher; empty strings are ignored. */
export function watchStopStrings(stopStrings: readonly string[]): StopWatcher {
  const stops = stopStrings.filter((stop) => stop !== '');
  let held = '';
  return {
    push(text) {
      held += text;
      const found = stops
        .map((stop) => ({ begin: held.indexOf(stop), length: stop.length }))
        .filter(({ begin }) => begin >= 0)
        .toSorted((a, b) => a.begin + a.length - (b.begin + b.length) || a.begin - b.begin);
      if (found.length > 0) {
        const show = held.slice(0, found[0]!.begin);
        held = '';
        return { show, stopped: true };
      }
      const hold = longestPossibleBeginning(held, stops);
      const show = held.slice(0, held.length - hold);
      held = held.slice(held.length - hold);
      return { show, stopped: false };
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function longestPossibleBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
