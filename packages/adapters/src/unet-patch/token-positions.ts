/**
 * Learned vectors that say where on the grid a token is, one per row and one per column, added. Convolutions notice the
 * edges of a picture only as far as they reach, and at the resolution of the tokens there may be none.
 */
import { add, reshape, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { NamedTensors, ParameterSpec } from '@transfuse/core/contracts';

/** The tables for grids of up to so many rows and columns. */
export function positionParameters([rows, columns]: readonly [number, number], modelWidth: number): ParameterSpec {
  const table = (count: number) => ({
    shape: [count, modelWidth],
    initializer: { kind: 'normal' as const, standardDeviation: 0.02 },
    decay: false,
  });
  return { 'rows.weight': table(rows), 'columns.weight': table(columns) };
}

/** @returns `[1, N, D]`, in raster order */
export function tokenPositions(params: NamedTensors, [rows, columns]: readonly [number, number]): Tensor {
  const along = (name: string, count: number, shape: readonly [number, number]) => {
    const table = params[`${name}.weight`]!;
    const width = table.shape[1]!;
    return reshape(slice(table, [0, 0], [count, width]), [...shape, width]);
  };
  const grid = add(along('rows', rows, [rows, 1]), along('columns', columns, [1, columns])); // [h, w, D]
  return reshape(grid, [1, rows * columns, grid.shape[2]!]);
}
