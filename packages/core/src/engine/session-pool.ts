/**
 * Sessions by the key of their graph, each as long as somebody uses it: functions that turn out to be the same graph
 * share one. A session has no state between runs, and the engine runs one function at a time.
 */

/** What the pool holds; a session of ONNX Runtime is one. */
export interface Releasable {
  release(): Promise<void>;
}

/** A share in a session. */
export interface SharedSession<Session extends Releasable> {
  readonly session: Session;
  /** Ends the share; the last one to end releases the session. Once only. */
  release(): Promise<void>;
}

/** Creates a pool. */
export function createSessionPool<Session extends Releasable>(): {
  /** The live session under a key, or the one that `create` makes, which is called synchronously if at all. */
  acquire(key: string, create: () => Promise<Session>): Promise<SharedSession<Session>>;
} {
  const live = new Map<string, { readonly session: Promise<Session>; users: number }>();
  return {
    async acquire(key, create) {
      const entry = live.get(key) ?? { session: create(), users: 0 };
      live.set(key, entry);
      entry.users++;
      const leave = () => {
        entry.users--;
        if (entry.users === 0 && live.get(key) === entry) live.delete(key);
        return entry.users === 0;
      };
      try {
        const session = await entry.session;
        return {
          session,
          async release() {
            if (leave()) await session.release();
          },
        };
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
