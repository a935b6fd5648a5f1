// An engine that never runs anything, for commands that only look at plugins and checkpoints: they start faster, and
// work on a machine where no engine does.
import { type Engine, TransfuseError } from '@transfuse/core/contracts';

/** Creates the engine; its functions throw `engine.unavailable`. */
export function createIdleEngine(): Engine {
  const refuse = (): never => {
    throw new TransfuseError({
      code: 'engine.unavailable',
      place: 'engine',
      found: 'a command that computes nothing',
      expected: 'no tensor function',
      mend: 'Report this: the command must not run tensors.',
    });
  };
  return {
    name: 'idle',
    description: 'runs nothing',
    createStore: refuse,
    compile: refuse,
    dispose: async () => {},
  };
}
