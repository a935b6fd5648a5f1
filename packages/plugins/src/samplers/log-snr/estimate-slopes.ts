import { multistepSum } from './multistep-sum.ts';

// How an estimate changes over a step, from its values at two or three noise levels: divided differences in lambda, in
// units of the step. Rounded to float32 as diffusers rounds them: over a long last step they are multiplied by hundreds.

/** Slope and curvature of an estimate; the curvature is only known from three values. */
export interface EstimateSlopes {
  readonly slope: Float32Array;
  readonly curvature?: Float32Array;
}

const f = Math.fround;

/**
 * From this output and earlier ones, the latest first. `ratios` are the intervals between their levels as multiples of
 * the step; they lie before the step, one after the other.
 */
export function slopesBackward(outputs: readonly Float32Array[], ratios: readonly number[]): EstimateSlopes {
  const [latest, before, earlier] = outputs as readonly [Float32Array, Float32Array, Float32Array];
  const [near, far] = ratios as readonly [number, number];
  const slope = divided(latest, before, near);
  if (ratios.length === 1) return { slope };
  const change = multistepSum([
    [1, slope],
    [-1, divided(before, earlier, far)],
  ]);
  const sum = f(near + far);
  return {
    slope: multistepSum([
      [1, slope],
      [near / sum, change],
    ]),
    curvature: multistepSum([[1 / sum, change]]),
  };
}

/**
 * From the outputs of one step, the latest first. `ratios` are the distances of their levels from the first one's, as
 * multiples of the step, the first one's own left out. `rough` takes the slope to the latest output for the slope.
 */
export function slopesWithin(
  outputs: readonly Float32Array[],
  ratios: readonly number[],
  accuracy: 'rough' | 'fine',
): EstimateSlopes {
  const first = outputs.at(-1) as Float32Array;
  const [far, near] = ratios as readonly [number, number];
  const toLatest = divided(outputs[0] as Float32Array, first, far);
  if (ratios.length === 1 || accuracy === 'rough') return { slope: toLatest };
  const toMiddle = divided(outputs[1] as Float32Array, first, near);
  const between = f(far - near);
  return {
    slope: toMiddle.map((middle, i) => f(f(far * middle) - f(near * toLatest[i]!)) / between),
    curvature: toMiddle.map((middle, i) => f(2 * f(toLatest[i]! - middle)) / between),
  };
}

function divided(left: Float32Array, right: Float32Array, ratio: number): Float32Array {
  const factor = f(1 / ratio);
  const result = new Float32Array(left.length);
  for (let i = 0; i < result.length; i += 1) result[i] = factor * f(left[i]! - right[i]!);
  return result;
}
