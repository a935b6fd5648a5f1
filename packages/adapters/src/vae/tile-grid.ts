/**
 * Where the tiles of a large picture lie. All tiles of a side have one size and overlap their neighbours by one extent;
 * only the last is smaller, where it reaches the end. Counted in latents, so that tiles of pixels and tiles of latents
 * are the same tiles.
 */
import { TransfuseError } from '@transfuse/core/contracts';

/** How a large picture is cut. */
export interface Tiling {
  /** Side of a tile in pixels, a multiple of the codec's downscale; pictures that fit are not cut. */
  readonly size: number;
  /** Share of a tile that it has in common with the next, 0 to 0.5, rounded to whole latents. */
  readonly overlap: number;
}

/** A tiling in latents. */
export interface TileGrid {
  /** Side of a tile. */
  readonly size: number;
  /** How far neighbours overlap. */
  readonly overlap: number;
}

/** One stretch of a side: from `begin` on, `count` long. */
export interface TileStretch {
  readonly begin: number;
  readonly count: number;
}

/** Checks a tiling. Throws `config.invalid`. */
export function tileGrid({ size, overlap }: Tiling, downscale: number): TileGrid {
  const fail = (field: string, found: number, expected: string) =>
    new TransfuseError({
      code: 'config.invalid',
      place: `tiling.${field}`,
      found: String(found),
      expected,
      mend: 'Choose other tiles, for example { size: 512, overlap: 0.25 }.',
    });
  if (!Number.isInteger(size / downscale) || size <= 0) throw fail('size', size, `a multiple of ${downscale}, above 0`);
  if (!(overlap >= 0 && overlap <= 0.5)) throw fail('overlap', overlap, 'a number from 0 to 0.5');
  const latents = size / downscale;
  return { size: latents, overlap: Math.min(Math.round(latents * overlap), latents - 1) };
}

/**
 * Cuts a side of `length` latents. What would be left of a last tile inside its overlap with the one before is no tile
 * of its own: the one before covers it already, with more of the picture around it. (diffusers computes such a tile, and
 * fades it in from other rows than it shows; wherever no such tile is left, the two agree.)
 */
export function tileStretches(length: number, { size, overlap }: TileGrid): readonly TileStretch[] {
  const stretches: TileStretch[] = [];
  for (let begin = 0; begin < length; begin += size - overlap) {
    if (begin > 0 && length - begin < overlap) break;
    stretches.push({ begin, count: Math.min(size, length - begin) });
  }
  return stretches;
}
