import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownFrames } from './frame-timing.ts';

const delays = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 12 });

/** The frame that shows at a time, counted up millisecond by millisecond. */
function frameAt(time: number, from: readonly number[]): number {
  let passed = 0;
  for (const [index, delay] of from.entries()) {
    passed += delay;
    if (time < passed) return index;
  }
  return from.length - 1;
}

describe('shownFrames', () => {
  it('takes the frame that shows in the middle of each new frame’s time', () => {
    fc.assert(
      fc.property(
        delays,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 400 }),
        (from, frames, frameDuration) => {
          const found = shownFrames(from, { frames, frameDuration });
          expect(found).toEqual(
            Array.from({ length: frames }, (_, index) => frameAt((index + 0.5) * frameDuration, from)),
          );
        },
      ),
    );
  });

  it('leaves a clip as it is that has the rate and the length already', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1000 }), (frames, frameDuration) => {
        const same = Array.from({ length: frames }, () => frameDuration);
        expect(shownFrames(same, { frames, frameDuration })).toEqual(same.map((_, index) => index));
      }),
    );
  });

  it('begins again where it is told to loop, as if the clip were written down many times', () => {
    fc.assert(
      fc.property(
        delays,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 100 }),
        (from, frames, frameDuration) => {
          const often = Array.from(
            { length: 1 + Math.ceil((frames * frameDuration) / from.reduce((a, b) => a + b)) },
            () => from,
          ).flat();
          const found = shownFrames(from, { frames, frameDuration, ending: 'loop' });
          expect(found).toEqual(shownFrames(often, { frames, frameDuration }).map((index) => index % from.length));
        },
      ),
    );
  });

  it.each(['hold', 'loop'] as const)('shows a still picture all the time, ending %s', (ending) => {
    expect(shownFrames([0], { frames: 3, frameDuration: 50, ending })).toEqual([0, 0, 0]);
  });

  it.each([
    [{ frames: 0, frameDuration: 10 }, 'frames'],
    [{ frames: 1.5, frameDuration: 10 }, 'frames'],
    [{ frames: 1, frameDuration: 0 }, 'frameDuration'],
    [{ frames: 1, frameDuration: Infinity }, 'frameDuration'],
    [{ frames: 1, frameDuration: 10, ending: 'stop' as 'hold' }, 'ending'],
  ])('refuses %j', (timing, place) => {
    expect(() => shownFrames([10], timing)).toThrow(expect.objectContaining({ code: 'config.invalid', place }));
  });
});
