import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RasterImage } from '../image/raster-image.ts';
import { VideoClip } from './video-clip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'video-clip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const plain = (level: number, width = 6, height = 4) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(level),
});
const levels = (clip: VideoClip) => clip.frames.map(({ data }) => data[0]);
const refusal = (code: string) => expect.objectContaining({ code });

/** An animation of plain frames, as another program would write it. */
async function animation(format: 'webp' | 'gif', delays: readonly number[], half = false): Promise<Uint8Array> {
  const frames = delays.map((_, index) => {
    const data = new Uint8Array(6 * 4 * 4);
    for (let pixel = 0; pixel < 24; pixel++) data.set([40 * index, 0, 0, half && pixel % 6 < 3 ? 0 : 255], pixel * 4);
    return data;
  });
  const roll = sharp(Buffer.concat(frames), {
    raw: { width: 6, height: 4 * frames.length, channels: 4, pageHeight: 4 },
  });
  return format === 'webp'
    ? roll.webp({ lossless: true, delay: [...delays] }).toBuffer()
    : roll.gif({ delay: [...delays], keepDuplicateFrames: true }).toBuffer();
}

describe('a video clip', () => {
  it.each(['webp', 'gif'] as const)('is read from an animated %s, with its delays', async (format) => {
    const clip = await VideoClip.read(await animation(format, [100, 250, 50]));
    expect([clip.width, clip.height, clip.duration]).toEqual([6, 4, 400]);
    expect(clip.delays).toEqual([100, 250, 50]);
    expect(levels(clip)).toEqual([0, 40, 80]);
  });

  it('gives frames of 10 ms and less a tenth of a second, as browsers do', async () => {
    expect((await VideoClip.read(await animation('gif', [0, 10, 20]))).delays).toEqual([100, 100, 20]);
  });

  it('lays transparent frames over a background', async () => {
    const bytes = await animation('webp', [100, 100], true);
    const white = await VideoClip.read(bytes);
    const green = await VideoClip.read(bytes, { background: '#00ff00' });
    expect([...white.frames[1]!.data.subarray(0, 3)]).toEqual([255, 255, 255]);
    expect([...green.frames[1]!.data.subarray(0, 3)]).toEqual([0, 255, 0]);
    expect([...green.frames[1]!.data.subarray(9, 12)]).toEqual([40, 0, 0]);
  });

  it('is read from a picture as one frame without a delay', async () => {
    const clip = await VideoClip.read(await RasterImage.from(plain(7)).toPng());
    expect([clip.frames.length, clip.duration, levels(clip)[0]]).toEqual([1, 0, 7]);
  });

  it('is written to .webp as it is, and to .gif with its times', async () => {
    const clip = VideoClip.from({ frames: [0, 90, 180].map((level) => plain(level)), delays: [100, 33.4, 66.6] });
    for (const name of ['clip.webp', 'clip.gif']) {
      await clip.save(join(folder, name));
      const again = await VideoClip.read(join(folder, name));
      expect(levels(again), name).toEqual([0, 90, 180]);
      expect(again.duration, name).toBe(200);
    }
    expect((await VideoClip.read(join(folder, 'clip.webp'))).delays).toEqual([100, 33, 67]);
  });

  it('keeps its duration when delays are rounded', async () => {
    const frames = Array.from({ length: 30 }, (_, index) => plain(index * 8));
    const clip = VideoClip.from({ frames, delays: frames.map(() => 1000 / 30) });
    expect((await VideoClip.read(await clip.toBytes('webp'))).duration).toBe(1000);
  });

  it('plays as often as it is told when it is written', async () => {
    const clip = VideoClip.from({ frames: [plain(0), plain(200)], delays: [50, 50] });
    expect((await sharp(await clip.toBytes('gif', { loop: 3 })).metadata()).loop).toBe(3);
    expect((await sharp(await clip.toBytes('gif')).metadata()).loop).toBe(0);
  });

  it('has frames at a fixed rate, shared with the clip they come from', () => {
    const clip = VideoClip.from({ frames: [plain(1), plain(2)], delays: [100, 300] });
    const even = clip.resample({ frames: 6, frameDuration: 100, ending: 'loop' });
    expect(levels(even)).toEqual([1, 2, 2, 2, 1, 2]);
    expect(even.delays).toEqual([100, 100, 100, 100, 100, 100]);
    expect(even.frames[4]).toBe(clip.frames[0]);
  });

  it('is resized frame by frame, a repeated frame once', async () => {
    const clip = VideoClip.from({ frames: [plain(1), plain(2)], delays: [10, 10] }).resample({
      frames: 3,
      frameDuration: 10,
    });
    const small = await clip.resize({ width: 8, height: 8 }, { fit: 'contain', background: '#ff0000' });
    expect([small.width, small.height]).toEqual([8, 8]);
    expect([...small.frames[0]!.data.subarray(0, 3)]).toEqual([255, 0, 0]);
    expect(small.frames[2]).toBe(small.frames[1]);
  });

  it.each([
    ['no frames', { frames: [], delays: [] }],
    ['frames without delays', { frames: [plain(0)], delays: [] }],
    ['a delay that is none', { frames: [plain(0), plain(1)], delays: [10, 0] }],
    ['a delay that is no number', { frames: [plain(0)], delays: [NaN] }],
    ['frames of two sizes', { frames: [plain(0), plain(0, 4, 4)], delays: [10, 10] }],
    ['something else', {} as { frames: []; delays: [] }],
  ])('is not made of %s', (_, raw) => {
    expect(() => VideoClip.from(raw)).toThrow(refusal('video.undecodable'));
  });

  it('refuses files that are not there, are no video, or are cut off', async () => {
    const webp = await animation('webp', [100, 100, 100]);
    const path = join(folder, 'half.webp');
    await writeFile(path, webp.subarray(0, webp.length - 40));
    await expect(VideoClip.read(join(folder, 'nowhere.webp'))).rejects.toThrow(refusal('video.not-found'));
    await expect(VideoClip.read(folder)).rejects.toThrow(refusal('video.undecodable'));
    await expect(VideoClip.read(Uint8Array.of(1, 2, 3))).rejects.toThrow(refusal('video.undecodable'));
    await expect(VideoClip.read(new Uint8Array(0))).rejects.toThrow(refusal('video.undecodable'));
    await expect(VideoClip.read(path)).rejects.toMatchObject({ code: 'video.undecodable', place: path });
    await expect(VideoClip.read(webp, { background: 'white' })).rejects.toThrow(refusal('config.invalid'));
  });

  it('is only written to what it can be written to', async () => {
    const clip = VideoClip.still(plain(3));
    for (const path of ['clip.mp4', 'clip', join('no', 'such', 'folder', 'clip.webp')]) {
      await expect(clip.save(join(folder, path)), path).rejects.toThrow(refusal('video.unwritable'));
    }
    await clip.save(join(folder, 'still.webp'));
    expect((await stat(join(folder, 'still.webp'))).size).toBeGreaterThan(0);
    const long = VideoClip.from({ frames: [plain(0), plain(1)], delays: [10, 70_000] });
    await expect(long.toBytes('webp')).rejects.toThrow(refusal('video.unwritable'));
  });
});
