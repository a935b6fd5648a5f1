// The SVG path of one line on a chart. A point that has no place (NaN) breaks the line; a point alone between two
// breaks becomes a dot. Where many points share a pixel column, only the first, lowest, highest and last are kept:
// the picture is the same and the file stays small however long the run was.

/** A point in SVG units; NaN in either coordinate is a gap. */
export interface PathPoint {
  readonly x: number;
  readonly y: number;
}

/** What to draw. */
export interface LinePath {
  /** The `d` attribute of all connected stretches, empty if there is none. */
  readonly line: string;
  /** Points that stand alone. */
  readonly dots: readonly PathPoint[];
}

/** Turns points, in drawing order, into a path. */
export function linePath(points: readonly PathPoint[]): LinePath {
  const dots: PathPoint[] = [];
  let line = '';
  for (const stretch of stretchesOf(points)) {
    const [first] = stretch;
    if (stretch.length === 1 && first !== undefined) dots.push({ x: round(first.x), y: round(first.y) });
    else
      line += `M${thinned(stretch)
        .map((point) => `${round(point.x)} ${round(point.y)}`)
        .join('L')}`;
  }
  return { line, dots };
}

function stretchesOf(points: readonly PathPoint[]): readonly (readonly PathPoint[])[] {
  const stretches: PathPoint[][] = [];
  let open: PathPoint[] | undefined;
  for (const point of points) {
    if (!Number.isFinite(point.x) || !Number.isFinite(point.y)) {
      open = undefined;
    } else if (open === undefined) {
      open = [point];
      stretches.push(open);
    } else {
      open.push(point);
    }
  }
  return stretches;
}

function thinned(stretch: readonly PathPoint[]): readonly PathPoint[] {
  const kept: PathPoint[] = [];
  let start = 0;
  while (start < stretch.length) {
    const column = Math.round(stretch[start]?.x ?? 0);
    let end = start + 1;
    while (end < stretch.length && Math.round(stretch[end]?.x ?? 0) === column) end += 1;
    kept.push(...outermost(stretch.slice(start, end)));
    start = end;
  }
  return kept;
}

function outermost(column: readonly PathPoint[]): readonly PathPoint[] {
  if (column.length <= 4) return column;
  let [low, high] = [0, 0];
  column.forEach((point, index) => {
    if (point.y < (column[low]?.y ?? 0)) low = index;
    if (point.y > (column[high]?.y ?? 0)) high = index;
  });
  const indices = new Set([0, Math.min(low, high), Math.max(low, high), column.length - 1]);
  return column.filter((_, index) => indices.has(index));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
