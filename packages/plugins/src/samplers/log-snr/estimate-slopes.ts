import { constant, float32 } from '@transfuse/core/elements';
import { elementKernel } from '../element-kernel.ts';

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
  return backward({ latest, middle: before, earlier }, { nearFactor, farFactor, ahead, bend });
}

const { plus, minus, times, over } = float32;

const backward = elementKernel(
  { arrays: ['latest', 'middle', 'earlier'], numbers: ['nearFactor', 'farFactor', 'ahead', 'bend'] },
  ({ latest, middle, earlier, nearFactor, farFactor, ahead, bend }) => {
    const later = plus(constant(0), times(nearFactor, minus(latest, middle)));
    const change = minus(later, times(farFactor, minus(middle, earlier)));
    return { slope: plus(later, times(ahead, change)), curvature: plus(constant(0), times(bend, change)) };
  },
);

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
  return within({ latest, middle, first }, { far, near, farFactor, nearFactor, between });
}

const within = elementKernel(
  { arrays: ['latest', 'middle', 'first'], numbers: ['far', 'near', 'farFactor', 'nearFactor', 'between'] },
  ({ latest, middle, first, far, near, farFactor, nearFactor, between }) => {
    const toLatest = times(farFactor, minus(latest, first));
    const toMiddle = times(nearFactor, minus(middle, first));
    return {
      slope: over(minus(times(far, toMiddle), times(near, toLatest)), between),
      curvature: over(times(constant(2), minus(toLatest, toMiddle)), between),
    };
  },
);

const dividedDifference = elementKernel(
  { arrays: ['left', 'right'], numbers: ['factor'] },
  ({ left, right, factor }) => ({ slope: times(factor, minus(left, right)) }),
);

function divided(left: Float32Array, right: Float32Array, ratio: number): Float32Array {
  return dividedDifference({ left, right }, { factor: f(1 / ratio) }).slope;
}
