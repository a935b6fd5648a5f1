import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spreadFrames } from './fluent-animations.ts';

describe('spreadFrames', () => {
  it('takes the middles of equal parts of an even animation', () => {
    expect(spreadFrames([42, 42, 42, 42, 42, 42, 42, 42], 4)).toEqual([1, 3, 5, 7]);
    expect(spreadFrames([42, 42], 4)).toEqual([0, 0, 1, 1]);
  });

  it('goes by the time that frames show, not by their number', () => {
    expect(spreadFrames([10, 70], 4)).toEqual([1, 1, 1, 1]); // the first part’s middle is at 10, where frame 1 begins
    expect(spreadFrames([40, 20, 20], 4)).toEqual([0, 0, 1, 2]);
  });

  it('never goes back and stays within the animation', () => {
    const delays = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(delays, fc.integer({ min: 1, max: 64 }), (given, count) => {
        const found = spreadFrames(given, count);
        expect(found).toHaveLength(count);
        expect(found.every((frame, index) => frame >= (found[index - 1] ?? 0) && frame < given.length)).toBe(true);
      }),
    );
  });
});
