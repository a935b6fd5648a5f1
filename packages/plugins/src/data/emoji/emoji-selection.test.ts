import { describe, expect, it } from 'vitest';
import { selectPictures } from './emoji-selection.ts';

const white = [255, 255, 255, 255, 255, 255];
const ink = [255, 255, 255, 0, 0, 0];
const other = [0, 0, 0, 255, 255, 255];
const select = (pictures: readonly number[][], groups: readonly string[]) =>
  selectPictures(Uint8Array.from(pictures.flat()), groups);

describe('selectPictures', () => {
  it('keeps the first of exact twins within a style, and both of different styles', () => {
    expect(select([ink, other, ink, ink], ['noto', 'noto', 'noto', 'twemoji'])).toEqual([0, 1, 3]);
  });

  it('leaves out what vanishes on white', () => {
    const faint = [255, 255, 255, 252, 252, 252]; // standard deviation 1.5
    const pale = [255, 255, 255, 245, 245, 245]; // standard deviation 5
    expect(select([white, ink, faint, pale], ['noto', 'noto', 'noto', 'noto'])).toEqual([1, 3]);
  });

  it('keeps nothing of nothing', () => {
    expect(select([], [])).toEqual([]);
  });
});
