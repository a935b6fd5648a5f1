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
  if (ratios.length === 1) return { slope: divided(latest, before, near) };
  const [nearFactor, farFactor] = [f(1 / near), f(1 / far)];
  const sum = f(near + far);
  const [ahead, bend] = [f(near / sum), f(1 / sum)];
  const slope = new Float32Array(latest.length);
  const curvature = new Float32Array(latest.length);
  for (let i = 0; i < slope.length; i += 1) {
    const middle = before[i]!;
    const later = 0 + f(nearFactor * f(latest[i]! - middle));
    const change = f(later - f(farFactor * f(middle - earlier[i]!)));
    slope[i] = later + f(ahead * change);
    curvature[i] = 0 + f(bend * change);
  }
  return { slope, curvature };
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
  const latest = outputs[0] as Float32Array;
  const [far, near] = ratios as readonly [number, number];
  if (ratios.length === 1 || accuracy === 'rough') return { slope: divided(latest, first, far) };
  const middle = outputs[1] as Float32Array;
  const [farFactor, nearFactor] = [f(1 / far), f(1 / near)];
  const between = f(far - near);
  const slope = new Float32Array(first.length);
  const curvature = new Float32Array(first.length);
  for (let i = 0; i < slope.length; i += 1) {
    const toLatest = f(farFactor * f(latest[i]! - first[i]!));
    const toMiddle = f(nearFactor * f(middle[i]! - first[i]!));
    slope[i] = f(f(far * toMiddle) - f(near * toLatest)) / between;
    curvature[i] = f(2 * f(toLatest - toMiddle)) / between;
  }
  return { slope, curvature };
}

function divided(left: Float32Array, right: Float32Array, ratio: number): Float32Array {
  const factor = f(1 / ratio);
  const result = new Float32Array(left.length);
  for (let i = 0; i < result.length; i += 1) result[i] = factor * f(left[i]! - right[i]!);
  return result;
}
