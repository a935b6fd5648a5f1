import { describe, expect, it } from 'vitest';
import { clipShapes, type ClipShapeSettings } from './clip-shapes.ts';

const settings: ClipShapeSettings = {
  frames: [8, 1, 4],
  frameDuration: 100,
  size: 16,
  patchSize: { frames: 2, side: 8 },
};
const clip = (frames: number, duration: number, width = 20, height = 20) => ({
  frames: Array.from({ length: frames }),
  duration,
  width,
  height,
});

describe('clip shapes', () => {
  it('are every length at every size, the first of both first', () => {
    const { all, maximumFrames } = clipShapes({ ...settings, frames: [4, 8], size: [16, { width: 32, height: 16 }] });
    expect(all).toEqual([
      { frames: 4, width: 16, height: 16 },
      { frames: 4, width: 32, height: 16 },
      { frames: 8, width: 16, height: 16 },
      { frames: 8, width: 32, height: 16 },
    ]);
    expect(maximumFrames).toBe(8);
  });

  it.each([
    ['a still', clip(1, 0), 1],
    ['a still that shows for long', clip(1, 5000), 1],
    ['a short clip, never taken for a still', clip(2, 100), 4],
    ['a clip a little longer than a length', clip(20, 510), 4],
    ['a clip in the middle of two, to the longer', clip(20, 600), 8],
    ['a long clip', clip(200, 60_000), 8],
  ])('send %s to the nearest length', (_, given, frames) => {
    expect(clipShapes(settings).forClip(given)).toEqual({ frames, width: 16, height: 16 });
  });

  it('send a still to the shortest length where there is none of one frame, and a clip to one frame where there is no other', () => {
    expect(clipShapes({ ...settings, frames: [8, 4] }).forClip(clip(1, 0)).frames).toBe(4);
    expect(clipShapes({ ...settings, frames: 1 }).forClip(clip(9, 900)).frames).toBe(1);
  });

  it('send a clip to the size of the nearest proportions', () => {
    const { forClip } = clipShapes({ ...settings, size: [16, { width: 32, height: 16 }] });
    expect(forClip(clip(1, 0, 640, 360))).toEqual({ frames: 1, width: 32, height: 16 });
  });

  it('answer requests with the nearest, and what is left out with the default', () => {
    const { forRequest } = clipShapes({ ...settings, size: [16, { width: 32, height: 16 }] });
    expect(forRequest({ frames: 3 })).toEqual({ frames: 4, width: 16, height: 16 });
    expect(forRequest({ width: 64, height: 32 })).toEqual({ frames: 8, width: 32, height: 16 });
    expect(forRequest({ frames: 100, width: 5, height: 5 })).toEqual({ frames: 8, width: 16, height: 16 });
  });

  it.each([{}, { seconds: 3 }, { frames: 0 }, { frames: NaN }, { width: -1, height: 2 }])(
    'refuse the request %j',
    (asked) => {
      expect(() => clipShapes(settings).forRequest(asked)).toThrow(
        expect.objectContaining({ code: 'generation.invalid-option' }),
      );
    },
  );

  it.each([
    [{ frames: [] }, 'frames'],
    [{ frames: 0 }, 'frames'],
    [{ frames: [4, 4] }, 'frames'],
    [{ frames: [4, 7] }, 'frames'],
    [{ frames: [1, 2] }, 'frames'],
    [{ frameDuration: 0 }, 'frameDuration'],
    [{ frameDuration: 12.5 }, 'frameDuration'],
    [{ size: 0 }, 'size'],
  ])('refuse the settings %j', (wrong, place) => {
    expect(() => clipShapes({ ...settings, ...wrong })).toThrow(
      expect.objectContaining({ code: 'config.invalid', place }),
    );
  });

  it('have 1 beside 2 where a patch spans one frame', () => {
    expect(clipShapes({ ...settings, frames: [1, 2], patchSize: { frames: 1, side: 8 } }).all).toHaveLength(2);
  });
});
