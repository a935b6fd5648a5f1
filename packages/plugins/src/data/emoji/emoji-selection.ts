/*
 * Which of the drawn pictures are fit to learn from. Two kinds are left out: those that nearly vanish on white (a white
 * square without an outline), and exact twins, where a style draws two names alike (`astronaut` and `man astronaut`): a
 * twin in another split would give a held-out answer away, and no caption could tell the two apart.
 */
import { createHash } from 'node:crypto';

/** The least standard deviation of a picture's bytes; a plain white frame has 0, most pictures more than 40. */
const leastContrast = 4;

/**
 * The indices of the pictures to keep, in order; of twins within one group the first.
 *
 * @param pixels `[groups.length, bytes of one picture]`
 * @param groups What each picture is compared within: its style.
 */
export function selectPictures(pixels: Uint8Array, groups: readonly string[]): readonly number[] {
  const bytes = groups.length === 0 ? 0 : pixels.length / groups.length;
  const seen = new Set<string>();
  return groups.flatMap((group, index) => {
    const picture = pixels.subarray(index * bytes, (index + 1) * bytes);
    if (standardDeviation(picture) < leastContrast) return [];
    const key = `${group}:${createHash('sha256').update(picture).digest('hex')}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [index];
  });
}

function standardDeviation(values: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(squares / values.length - mean * mean);
}
