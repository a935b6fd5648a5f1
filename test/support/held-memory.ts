/** How much memory this process holds, for tests that nothing leaks. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Mebibytes that stay once garbage is collected and what was waiting to be freed is. */
export async function heldMemory(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().rss / 2 ** 20;
}

/**
 * Mebibytes by which that grows while something is done, the least of three times: a leak shows in every one, while the
 * allocator takes some now and then.
 */
export async function smallestGrowth(act: () => Promise<unknown>): Promise<number> {
  const growths: number[] = [];
  for (let time = 0; time < 3; time++) {
    const before = await heldMemory();
    await act();
    growths.push((await heldMemory()) - before);
  }
  return Math.min(...growths);
}
