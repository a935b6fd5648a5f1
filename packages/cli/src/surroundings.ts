// What the command line touches of the world outside: where it writes, how it hears Ctrl-C, how it quits at once.
// Commands get these handed in, so that tests run them in process and read what they wrote.

/** Something text is written to: a stream of the process, or a recorder in tests. */
export interface Output {
  write(text: string): unknown;
  /** Whether a person watches; decides between a progress bar and plain lines. */
  readonly isTTY?: boolean;
  /** Characters per line of the terminal. */
  readonly columns?: number;
}

/** The outside of a program. */
export interface Surroundings {
  /** Gets results and nothing else. */
  readonly stdout: Output;
  /** Gets progress, warnings and errors. */
  readonly stderr: Output;
  /** Calls back at every Ctrl-C; returns how to stop listening. While anyone listens, Ctrl-C does not end the program. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The surroundings of a real process. */
export function processSurroundings(): Surroundings {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      return () => void process.off('SIGINT', listener);
    },
    exit: (code) => process.exit(code),
  };
}
