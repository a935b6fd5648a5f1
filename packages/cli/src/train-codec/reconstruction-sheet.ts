// One picture of many reconstructions: in every pair of rows originals above, what the codec made of them below, enlarged
// with hard edges.
import type { RawImage } from '@transfuse/core/contracts';
import type { Reconstruction } from './codec-evaluation.ts';

/** How a sheet is laid out. */
export interface SheetOptions {
  /** Default 12. */
  readonly columns?: number;
  /** Screen pixels per pixel; default 2. */
  readonly enlarged?: number;
}

/** Draws the sheet on white; all pictures have one size, and there is at least one. */
export function reconstructionSheet(
  reconstructions: readonly Reconstruction[],
  { columns = 12, enlarged = 2 }: SheetOptions = {},
): RawImage {
  const { width: side, height } = reconstructions[0]!.original;
  const used = Math.min(columns, reconstructions.length);
  const gap = 4;
  const [cellWidth, cellHeight] = [side * enlarged + gap, 2 * height * enlarged + 2 * gap];
  const width = used * cellWidth + gap;
  const data = new Uint8Array(width * (Math.ceil(reconstructions.length / used) * cellHeight + gap) * 3).fill(255);
  const draw = (picture: RawImage, left: number, top: number) => {
    for (let y = 0; y < height * enlarged; y++) {
      for (let x = 0; x < side * enlarged; x++) {
        const from = (Math.floor(y / enlarged) * side + Math.floor(x / enlarged)) * 3;
        data.set(picture.data.subarray(from, from + 3), ((top + y) * width + left + x) * 3);
      }
    }
  };
  reconstructions.forEach(({ original, decoded }, index) => {
    const left = gap + (index % used) * cellWidth;
    const top = gap + Math.floor(index / used) * cellHeight;
    draw(original, left, top);
    draw(decoded, left, top + height * enlarged + 1);
  });
  return { width, height: data.length / 3 / width, data };
}
