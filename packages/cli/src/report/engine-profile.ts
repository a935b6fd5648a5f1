// Tells where the time of an engine's functions went, for `--profile`.
import type { Engine } from '@transfuse/core/contracts';
import { type CompiledEngine, profileTable } from '@transfuse/core/engine';

/** Steps of a training that are recorded where nobody says how many. */
export const profiledSteps = 20;

/** Ends the engine's recording and resolves to tables of it, or to the reason why there are none. */
export async function describeProfile(engine: Engine): Promise<string> {
  if (!('profile' in engine)) return `The ${engine.name} engine records no profile; choose --engine compiled.\n`;
  return profileTable(await (engine as CompiledEngine).profile());
}
