/** Runs asynchronous things one after another, in the order of the calls: the next one reads what this one has written. */

/** Runs something once everything before it is done. */
export type InTurn = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Creates a line of its own. A failure is its caller's, and does not keep the next one from running. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };
}
