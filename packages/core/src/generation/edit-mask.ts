/**
 * The mask of an inpainting, brought to the latent's grid: 1 where the value is made anew, 0 where it stays. It may be
 * given finer than the latent (in pixels where the latent has patches of them); it is then averaged.
 */
import { TransfuseError } from '../errors/index.ts';

/** Which part of a value is made anew. */
export interface EditMask {
  /** 0 (stays) to 1 (made anew), row-major. */
  readonly data: ArrayLike<number>;
  /** The latent's spatial shape, or a whole multiple of it along every axis, for example `[height, width]`. */
  readonly shape: readonly number[];
}

/** The mask for every element of a latent `[...space, C]`. Throws `generation.invalid-option`. */
export function latentMask(mask: EditMask, latentShape: readonly number[]): Float32Array {
  const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);
  const given = mask as { readonly data?: unknown; readonly shape?: unknown } | null;
  if (typeof given !== 'object' || given === null || !isList(given.data) || !isList(given.shape)) {
    throw invalid(typeof mask === 'string' ? 'a text' : String(mask), '{ data, shape }, numbers from 0 to 1');
  }
  const { data, shape } = mask;
  const space = latentShape.slice(0, -1);
  const channels = latentShape.at(-1)!;
  const factors = space.map((size, axis) => (shape[axis] ?? Number.NaN) / size);
  const count = shape.reduce((product, size) => product * size, 1);
  if (shape.length !== space.length || factors.some((factor) => !Number.isInteger(factor) || factor < 1)) {
    throw invalid(
      `shape [${shape.join(', ')}]`,
      `[${space.join(', ')}], the latent's, or a whole multiple along each axis`,
    );
  }
  if (data.length !== count) throw invalid(`${data.length} values`, `${count}, as many as the shape has`);
  const positions = space.reduce((product, size) => product * size, 1);
  const sums = new Float64Array(positions);
  for (let index = 0; index < count; index++) {
    const value = data[index]!;
    if (!(value >= 0 && value <= 1)) throw invalid(`a value of ${value}`, 'values from 0 (stays) to 1 (made anew)');
    sums[coarsePosition(index, shape, factors, space)]! += value;
  }
  const share = positions / count;
  return Float32Array.from({ length: positions * channels }, (_, i) => sums[Math.floor(i / channels)]! * share);
}

/** The position on the coarse grid that a position on the fine one belongs to. */
function coarsePosition(
  index: number,
  shape: readonly number[],
  factors: readonly number[],
  space: readonly number[],
): number {
  let [rest, position, stride] = [index, 0, 1];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position += Math.floor((rest % shape[axis]!) / factors[axis]!) * stride;
    rest = Math.floor(rest / shape[axis]!);
    stride *= space[axis]!;
  }
  return position;
}

function invalid(found: string, expected: string): TransfuseError {
  return new TransfuseError({
    code: 'generation.invalid-option',
    place: 'want.mask',
    found,
    expected,
    mend: 'Give a mask of the value’s own resolution.',
  });
}
