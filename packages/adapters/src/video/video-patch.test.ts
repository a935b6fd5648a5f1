import { checkContinuousAdapter } from '@transfuse/core/testing';
import { describe, expect, it } from 'vitest';
import { RasterImage } from '../image/raster-image.ts';
import { VideoClip } from './video-clip.ts';
import { videoPatch, type VideoPatchConfig } from './video-patch.ts';

const picture = (level: number, width = 8, height = 8) => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, index) => (level + 7 * index) % 256),
});
const moving = (frames: number, delay = 100) =>
  VideoClip.from({
    frames: Array.from({ length: frames }, (_, index) => picture(20 * index)),
    delays: Array.from({ length: frames }, () => delay),
  });
const settings: VideoPatchConfig = { frames: [4, 1], frameDuration: 100, size: 8, patchSize: { frames: 2, side: 4 } };
const videos = videoPatch(settings);

const variants: readonly [string, VideoPatchConfig, readonly Record<string, number>[]][] = [
  ['clips and stills, patches of two frames', settings, [{ frames: 1 }, { frames: 9, width: 8, height: 8 }]],
  [
    'clips of two lengths and sizes, patches of one frame',
    {
      ...settings,
      frames: [2, 3],
      size: [4, { width: 8, height: 4 }],
      patchSize: { frames: 1, side: 2 },
    },
    [{ width: 640, height: 320 }],
  ],
  ['stills alone, without positions', { ...settings, frames: 1, positions: 'none' }, [{ width: 8, height: 8 }]],
];
for (const [title, config, sizes] of variants) {
  checkContinuousAdapter(() => videoPatch(config), {
    title: `video-patch, ${title}`,
    samples: [moving(4), picture(3), { frames: [picture(1, 12, 6), picture(9, 12, 6)], delays: [50, 150] }],
    invalid: [undefined, null, 7, {}, [], 'nowhere.webp', Uint8Array.of(1, 2), { frames: [], delays: [] }],
    sizes,
  }).register({ describe, it });
}

describe('the video-patch adapter', () => {
  it('gives back the clip it encoded, to the byte', async () => {
    const clip = moving(4);
    const latent = await videos.encode(clip);
    expect(latent.shape).toEqual([4, 8, 8, 3]);
    expect(await videos.decode(latent)).toEqual(clip);
  });

  it('has a still as a latent of its own, and gives back one frame', async () => {
    const latent = await videos.encode(picture(5));
    expect(latent.shape).toEqual([1, 8, 8, 3]);
    const still = (await videos.decode(latent)) as VideoClip;
    expect(still).toEqual(VideoClip.still(picture(5)));
  });

  it('takes clips, lists of pictures, paths’ bytes and pictures, and gives clips their length', async () => {
    const frames = [picture(0), picture(90)];
    const sources: [unknown, number][] = [
      [frames, 4],
      [{ frames, delays: [300, 20] }, 4],
      [await moving(6).toBytes('webp'), 4],
      [await moving(3).toBytes('gif'), 4],
      [await RasterImage.from(picture(1)).toPng(), 1],
      [picture(1, 30, 20), 1],
    ];
    for (const [source, count] of sources) expect((await videos.encode(source)).shape).toEqual([count, 8, 8, 3]);
  });

  it('holds the last frame of a shorter clip, or begins it again', async () => {
    const frames = [picture(0), picture(90)];
    const held = (await videos.decode(await videos.encode(frames))) as VideoClip;
    expect(held.frames.map(({ data }) => data[0])).toEqual([0, 90, 90, 90]);
    const looping = videoPatch({ ...settings, ending: 'loop' });
    const looped = (await looping.decode(await looping.encode(frames))) as VideoClip;
    expect(looped.frames.map(({ data }) => data[0])).toEqual([0, 90, 0, 90]);
  });

  it('brings frames to its rate: the frame that shows, nothing blended', async () => {
    const clip = VideoClip.from({ frames: [picture(0), picture(90), picture(180)], delays: [30, 40, 330] });
    const timed = (await videos.decode(await videos.encode(clip))) as VideoClip;
    expect(timed.frames.map(({ data }) => data[0])).toEqual([90, 180, 180, 180]);
  });

  it('fits other proportions as pictures are fitted', async () => {
    const dark = { width: 16, height: 8, data: new Uint8Array(16 * 8 * 3) };
    const barred = videoPatch({ ...settings, fit: 'contain', background: '#ffffff' });
    const { data } = await barred.encode(dark);
    expect([data[0], data[4 * 8 * 3]]).toEqual([1, -1]); // a bar above, the picture in the middle
  });

  it('answers requests with its nearest shape', () => {
    expect(videos.latentShapes).toEqual([
      [4, 8, 8, 3],
      [1, 8, 8, 3],
    ]);
    expect(videos.latentShape!({ frames: 30 })).toEqual([4, 8, 8, 3]);
    expect(videos.latentShape!({ frames: 1, width: 640, height: 360 })).toEqual([1, 8, 8, 3]);
  });

  it('refuses a size that patches do not fill', () => {
    expect(() => videoPatch({ ...settings, size: 10 })).toThrow(
      expect.objectContaining({ code: 'latent.unsupported-shape' }),
    );
  });
});
