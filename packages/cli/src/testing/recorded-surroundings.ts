// Surroundings that remember what a program wrote, for tests that run commands in process.
import type { Surroundings } from '../surroundings.ts';

/** Surroundings under a test's control. */
export interface RecordedSurroundings extends Surroundings {
  /** Everything written so far. */
  readonly written: { readonly stdout: string; readonly stderr: string };
  /** The codes the program asked to end with at once. */
  readonly exits: readonly number[];
  /** How many listen for Ctrl-C. */
  readonly listeners: number;
  /** Presses Ctrl-C. */
  interrupt(): void;
}

/** Makes recorded surroundings; they are no terminal unless told so. */
export function recordSurroundings({
  terminal = 'none',
}: { readonly terminal?: 'none' | 'stderr' } = {}): RecordedSurroundings {
  const written = { stdout: '', stderr: '' };
  const exits: number[] = [];
  const listeners = new Set<() => void>();
  return {
    written,
    exits,
    get listeners() {
      return listeners.size;
    },
    stdout: { write: (text) => void (written.stdout += text) },
    stderr: { write: (text) => void (written.stderr += text), isTTY: terminal === 'stderr', columns: 120 },
    onInterrupt(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exit: (code) => void exits.push(code),
    interrupt: () => [...listeners].forEach((listener) => listener()),
  };
}
