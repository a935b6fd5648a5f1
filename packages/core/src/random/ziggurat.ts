/**
 * Standard normal numbers by the ziggurat method (Marsaglia and Tsang 2000) in Doornik's form (2005, "An improved
 * ziggurat method to generate normal random samples", ZIGNOR): the area under exp(-x^2 / 2) is covered by 128 layers of
 * equal area, a layer and a place in it are drawn, and about 1 draw in 80 needs a closer look at the curve. Layer and
 * place come from different bits, as Doornik asks, and the place has 53 of them. It keeps no state of its own.
 */

import { nextWord, type Xoshiro128State } from './xoshiro128.ts';

const layers = 128;
/** Where the tail begins, and the area of each layer, for 128 layers (Marsaglia and Tsang 2000). */
const tailStart = 3.442619855899;
const layerArea = 9.91256303526217e-3;

const curve = (x: number) => Math.exp(-0.5 * x * x);

/** Half-widths of the layers, from the base (which stands for the tail too) to the top, where it is 0. */
const widths = new Float64Array(layers + 1);
widths[0] = layerArea / curve(tailStart);
widths[1] = tailStart;
for (let layer = 2; layer < layers; layer++) {
  const below = widths[layer - 1]!;
  widths[layer] = Math.sqrt(-2 * Math.log(layerArea / below + curve(below)));
}

/** The part of each layer that lies wholly under the curve. */
const inside = Float64Array.from({ length: layers }, (_, layer) => widths[layer + 1]! / widths[layer]!);

/** The next normal number: mean 0, variance 1. */
export function zigguratNormal(state: Xoshiro128State): number {
  for (;;) {
    const high = nextWord(state);
    const low = nextWord(state);
    const layer = (high & 31) | ((low & 3) << 5); // 7 of the 11 bits that the place does not use
    const place = ((high >>> 5) * 2 ** 26 + (low >>> 6)) * 2 ** -52 - 1; // uniform in [-1, 1)
    const width = widths[layer]!;
    if (Math.abs(place) < inside[layer]!) return place * width;
    if (layer === 0) return place < 0 ? -tail(state) : tail(state);
    const x = place * width;
    const floor = curve(width);
    const ceiling = curve(widths[layer + 1]!);
    if (floor + positiveFraction(state) * (ceiling - floor) < curve(x)) return x;
  }
}

/** Fills an array with the numbers that as many calls of {@link zigguratNormal} would give. */
export function fillZiggurat(state: Xoshiro128State, into: Float32Array): Float32Array {
  for (let index = 0; index < into.length; index++) into[index] = zigguratNormal(state);
  return into;
}

/** A number beyond {@link tailStart}, distributed as the normal tail is (Marsaglia 1964). */
function tail(state: Xoshiro128State): number {
  for (;;) {
    const x = Math.log(positiveFraction(state)) / tailStart;
    const y = Math.log(positiveFraction(state));
    if (-2 * y >= x * x) return tailStart - x;
  }
}

/** 32 random bits as a fraction in (0, 1), safe to take the logarithm of. */
function positiveFraction(state: Xoshiro128State): number {
  return (nextWord(state) + 0.5) * 2 ** -32;
}
