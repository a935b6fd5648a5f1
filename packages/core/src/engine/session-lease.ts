/**
 * How long a function's session is kept: until the function ends, and as long as results of it lie on a device. ONNX
 * Runtime frees such a result with the memory of the session that made it, and ends the process where that is gone.
 */

/** A hold on a session. */
export interface SessionLease {
  /** Keeps the session until the returned function is called. */
  hold(): () => void;
  /** Gives up the function's own share; once only. Resolves when the session is released, or is left to whoever holds it. */
  end(): Promise<void>;
}

/** Creates the lease of a function. @param release called once, when nobody needs the session any more */
export function createSessionLease(release: () => Promise<void>): SessionLease {
  let holders = 1;
  const leave = async () => {
    holders--;
    if (holders === 0) await release();
  };
  return {
    hold() {
      holders++;
      return () => void leave();
    },
    end: leave,
  };
}
