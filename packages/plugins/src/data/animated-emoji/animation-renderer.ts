/*
 * Draws animations, a few at a time, so that sharp's threads stay busy while memory stays small.
 */
import { availableParallelism } from 'node:os';
import { type Progress, TransfuseError } from '@transfuse/core/contracts';
import { brokenSource, datasetPlace, type DrawAnimation, type DrawingSize, saidBy } from './animation-source.ts';

/** One animation to draw. */
export interface AnimationJob {
  /** For messages. */
  readonly name: string;
  readonly draw: DrawAnimation;
}

/**
 * Draws animations, one after the other in the result: `[jobs, frames, size, size, 3]` bytes.
 *
 * @throws TransfuseError `dataset.aborted`, or `dataset.unavailable` if one cannot be drawn.
 */
export async function renderAnimations(
  jobs: readonly AnimationJob[],
  options: DrawingSize & { readonly signal?: AbortSignal | undefined; readonly progress?: Progress | undefined },
): Promise<Uint8Array> {
  const { size, frames, signal, progress } = options;
  const bytes = frames * size * size * 3;
  const pixels = new Uint8Array(jobs.length * bytes);
  let [next, done] = [0, 0];

  async function work(): Promise<void> {
    for (let index = next++; index < jobs.length; index = next++) {
      throwIfAborted(signal);
      const { name, draw } = jobs[index]!;
      try {
        pixels.set(await draw({ size, frames }), index * bytes);
      } catch (cause) {
        next = jobs.length; // the others finish what they have in hand, and no more
        throw brokenSource(name, {
          found: saidBy(cause),
          expected: 'an animation that can be drawn',
          mend: 'Get the files of this source again.',
          cause,
        });
      }
      progress?.({ task: 'drawing animated emoji', done: ++done, total: jobs.length });
    }
  }

  await Promise.all(Array.from({ length: Math.min(8, 2 * availableParallelism()) }, work));
  return pixels;
}

/** Ends preparation where its caller has given up. @throws TransfuseError `dataset.aborted` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new TransfuseError({
    code: 'dataset.aborted',
    place: datasetPlace,
    found: 'an aborted signal',
    expected: 'preparation to run to its end',
    mend: 'Prepare the data set again; nothing half-done was kept.',
    cause: signal.reason,
  });
}
