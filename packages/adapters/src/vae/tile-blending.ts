/**
 * Puts the results of overlapping tiles together, with linear transitions. The two architectures do it differently in
 * diffusers, and so do they here: AutoencoderKL blends every tile with the one above and then with the one to its left,
 * both already blended; AutoencoderTiny lays every tile over what is there, with a mask that rises along its upper and
 * its left edge.
 */
import { emptyPlane, type ImagePlane, paste } from './image-planes.ts';
import type { TileStretch } from './tile-grid.ts';

/** Results of tiles, in the unit of the result: latents after encoding, pixels after decoding. */
export interface TiledResult {
  readonly rows: readonly TileStretch[];
  readonly columns: readonly TileStretch[];
  /** How far neighbours overlap. */
  readonly overlap: number;
  /** By row and column, each as large as its stretches. They may be written to. */
  readonly tiles: readonly (readonly ImagePlane[])[];
}

/** Blends tile by tile with the neighbours above and to the left: weight `n / overlap` for the tile's own n-th line. */
export function blendNeighbours({ rows, columns, overlap, tiles }: TiledResult): ImagePlane {
  const result = emptyPlane(end(rows), end(columns), tiles[0]![0]!.channels);
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      const tile = tiles[i]![j]!;
      const [above, before] = [tiles[i - 1]?.[j], tiles[i]![j - 1]];
      if (above !== undefined) blendAlong('rows', above, tile, overlap);
      if (before !== undefined) blendAlong('columns', before, tile, overlap);
      // The next tile overwrites what it shares with this one: it has been blended into it.
      paste(result, { top: row.begin, left: column.begin, height: row.count, width: column.count }, tile);
    });
  });
  return result;
}

/** Lays tile over tile: a tile's n-th line counts `n / (overlap - 1)`, at most 1, along edges where another tile lies. */
export function blendOver({ rows, columns, overlap, tiles }: TiledResult): ImagePlane {
  const result = emptyPlane(end(rows), end(columns), tiles[0]![0]!.channels);
  const weight = (line: number, begin: number) =>
    begin === 0 || overlap === 0 ? 1 : Math.min(1, line / Math.max(1, overlap - 1));
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      const { data, width, channels } = tiles[i]![j]!;
      for (let y = 0; y < row.count; y++) {
        for (let x = 0; x < column.count; x++) {
          const share = weight(y, row.begin) * weight(x, column.begin);
          const to = ((row.begin + y) * result.width + column.begin + x) * channels;
          const from = (y * width + x) * channels;
          for (let channel = 0; channel < channels; channel++) {
            const old = result.data[to + channel]!;
            result.data[to + channel] = share * data[from + channel]! + (1 - share) * old;
          }
        }
      }
    });
  });
  return result;
}

/** Fades from the last rows or columns of one tile to the first of the next, within the next. */
function blendAlong(lines: 'rows' | 'columns', from: ImagePlane, into: ImagePlane, overlap: number): void {
  const { channels } = into;
  const rows = lines === 'rows' ? overlap : into.height;
  const columns = lines === 'rows' ? into.width : overlap;
  const [down, right] = lines === 'rows' ? [from.height - overlap, 0] : [0, from.width - overlap];
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const share = (lines === 'rows' ? y : x) / overlap;
      const to = (y * into.width + x) * channels;
      const old = ((y + down) * from.width + x + right) * channels;
      for (let channel = 0; channel < channels; channel++) {
        into.data[to + channel] = (1 - share) * from.data[old + channel]! + share * into.data[to + channel]!;
      }
    }
  }
}

function end(stretches: readonly TileStretch[]): number {
  const last = stretches.at(-1)!;
  return last.begin + last.count;
}
