/**
 * Where the tokens of a block stand. In the sequence they stand one after another, in raster order. Axial positions
 * (the rotary embedding of grids; Heo et al. 2024, Wang et al. 2024 "M-RoPE") have one number per axis: a block's first token
 * stands where it stands in the sequence, along every axis, and each axis counts on from there. A discrete token stands at one number along
 * all axes, so that text alone is positioned as if there were no axes.
 */
import { gridSize } from './block-kind.ts';

/**
 * Positions of a block's tokens, axis after axis.
 *
 * @param start position of the first token in the sequence
 * @param grid `[h, w]`, `[frames, h, w]`, `[n]`
 * @param axes 1 for positions in the sequence; otherwise at least the grid's rank: a grid of fewer axes has the last ones
 * @returns `[A, N]`
 */
export function blockPositions(start: number, grid: readonly number[], axes: number): Int32Array {
  const tokens = gridSize(grid);
  const positions = new Int32Array(axes * tokens).fill(start);
  if (axes === 1) return positions.map((position, token) => position + token);
  let stride = tokens;
  grid.forEach((size, dimension) => {
    stride /= size;
    const first = (axes - grid.length + dimension) * tokens;
    for (let token = 0; token < tokens; token++) positions[first + token]! += Math.floor(token / stride) % size;
  });
  return positions;
}

/** The shape in which positions are fed: without the axes where there is one. */
export function positionsShape(axes: number, rows: number, length: number): readonly number[] {
  return axes === 1 ? [rows, length] : [axes, rows, length];
}
