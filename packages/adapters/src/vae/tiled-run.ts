/**
 * Runs a function of images on one image whole, or, where it is larger than a tile, tile after tile, and puts the
 * results together.
 */
import { TransfuseError } from '@transfuse/core/contracts';
import { cutOut, type ImagePlane } from './image-planes.ts';
import type { SizedFunction } from './sized-functions.ts';
import type { TiledResult } from './tile-blending.ts';
import { type TileGrid, tileStretches } from './tile-grid.ts';

/** How a function is run. */
export interface TiledRun {
  /** Counted in latents; undefined: always whole. */
  readonly grid: TileGrid | undefined;
  /** Lines per latent of the image, and of the result. */
  readonly from: number;
  readonly to: number;
  readonly blend: (result: TiledResult) => ImagePlane;
  /** Stops before a tile with `generation.aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs it. @param image sides are multiples of `from` @returns the sides in latents, times `to` */
export async function runTiled(
  act: SizedFunction,
  image: ImagePlane,
  { grid, from, to, blend, signal }: TiledRun,
): Promise<ImagePlane> {
  const [height, width] = [image.height / from, image.width / from];
  if (grid === undefined || (height <= grid.size && width <= grid.size)) {
    throwIfAborted(signal);
    return act.run(image);
  }
  const [rows, columns] = [tileStretches(height, grid), tileStretches(width, grid)];
  const tiles: ImagePlane[][] = [];
  for (const row of rows) {
    const results: ImagePlane[] = [];
    for (const column of columns) {
      throwIfAborted(signal);
      const place = { top: row.begin * from, left: column.begin * from };
      results.push(await act.run(cutOut(image, { ...place, height: row.count * from, width: column.count * from })));
    }
    tiles.push(results);
  }
  const scaled = (stretches: typeof rows) =>
    stretches.map(({ begin, count }) => ({ begin: begin * to, count: count * to }));
  return blend({ rows: scaled(rows), columns: scaled(columns), overlap: grid.overlap * to, tiles });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new TransfuseError({
    code: 'generation.aborted',
    place: 'image codec',
    found: 'an aborted signal',
    expected: 'a signal that is not aborted until the picture is encoded',
    mend: 'Call it again with a fresh signal.',
    cause: signal.reason,
  });
}
