import { describe, expect, it } from 'vitest';
import { type Mediabunny, type MediabunnySample, readContainer } from './container-video.ts';
import { VideoClip } from './video-clip.ts';

// Stands in for the packages that decode: a track of frames that each have one level of grey, 4 x 2 pixels.

interface Track {
  readonly starts: readonly number[];
  readonly end: number;
  readonly rotation?: number;
  readonly display?: readonly [width: number, height: number];
  readonly codec?: string;
}

const closed: number[] = [];

function standIn(track: Track | null, wrong?: Error): () => Promise<Mediabunny> {
  const sample = (index: number): MediabunnySample => {
    const { starts, end, rotation = 0, display = [4, 2] } = track!;
    return {
      timestamp: starts[index]!,
      duration: (starts[index + 1] ?? end) - starts[index]!,
      rotation,
      visibleRect: { width: 4, height: 2 },
      displayWidth: display[0],
      displayHeight: display[1],
      async copyTo(into) {
        for (let pixel = 0; pixel < 8; pixel++) into.set([10 * index, pixel, 0, 255], pixel * 4);
      },
      close: () => void closed.push(index),
    };
  };
  return async () => ({
    ALL_FORMATS: [],
    BufferSource: Uint8Array,
    Input: class {
      async getPrimaryVideoTrack() {
        if (wrong !== undefined) throw wrong;
        if (track === null) return null;
        return {
          codec: track.codec ?? 'avc',
          canDecode: async () => track.codec === undefined,
          getFirstTimestamp: async () => track.starts[0]!,
          computeDuration: async () => track.end,
        };
      }
    },
    VideoSampleSink: class {
      async *samples() {
        for (const index of track!.starts.keys()) yield sample(index);
      }
      async *samplesAtTimestamps(seconds: readonly number[]) {
        for (const second of seconds) {
          const index = track!.starts.findLastIndex((start) => start <= second);
          yield index === -1 ? null : sample(index);
        }
      }
    },
  });
}

const read = (track: Track | null, options: Partial<Parameters<typeof readContainer>[1]> = {}) =>
  readContainer(Uint8Array.from([0, 0, 0, 8, ...Buffer.from('ftyp')]), {
    place: 'clip.mp4',
    load: standIn(track),
    ...options,
  });
const second: Track = { starts: [0, 0.25, 0.5, 0.75], end: 1 };
const level = ({ data }: { readonly data: Uint8Array }) => data[0];

describe('reading a container', () => {
  it('takes every frame with its time, and releases each', async () => {
    closed.length = 0;
    const { frames, delays } = await read({ starts: [0, 0.1, 0.4], end: 0.5 });
    expect(frames.map(level)).toEqual([0, 10, 20]);
    for (const [index, delay] of [100, 300, 100].entries()) expect(delays[index]).toBeCloseTo(delay, 6);
    expect(closed).toEqual([0, 1, 2]);
  });

  it('keeps only the frames that show at a rate where it is asked to', async () => {
    const sampling = { frameDuration: 500, maximumFrames: 8 };
    const { frames, delays } = await read(second, { sampling });
    expect(frames.map(level)).toEqual([10, 30]); // at 0.25 s and 0.75 s
    expect(delays).toEqual([500, 500]);
    expect((await read(second, { sampling: { frameDuration: 100, maximumFrames: 3 } })).frames).toHaveLength(3);
    expect((await read(second, { sampling: { frameDuration: 9000, maximumFrames: 3 } })).frames.map(level)).toEqual([
      30,
    ]);
  });

  it('counts from the first frame where a file does not begin at 0', async () => {
    const late = { starts: [10, 10.5], end: 11 };
    const { frames } = await read(late, { sampling: { frameDuration: 500, maximumFrames: 8 } });
    expect(frames.map(level)).toEqual([0, 10]);
  });

  it('turns frames as the file says, and gives them square pixels', async () => {
    const { frames } = await read({ ...second, rotation: 90, display: [2, 4] });
    expect([frames[0]!.width, frames[0]!.height]).toEqual([2, 4]);
    // Clockwise: the first row of what is seen is the first column of what is stored, from below.
    expect([frames[0]!.data[1], frames[0]!.data[4]]).toEqual([4, 0]);
    const wide = await read({ ...second, display: [8, 2] });
    expect([wide.frames[0]!.width, wide.frames[0]!.height]).toEqual([8, 2]);
  });

  it.each([
    ['no video track', null],
    ['a codec that is not known', { ...second, codec: 'prores' }],
    ['no frames', { starts: [], end: 0 }],
  ])('refuses a file with %s', async (_, track) => {
    await expect(read(track)).rejects.toMatchObject({ code: 'video.undecodable', place: 'clip.mp4' });
  });

  it('refuses what fails to decode, and what would fill the memory', async () => {
    const load = standIn(second, new Error('moov is missing.'));
    await expect(read(second, { load })).rejects.toMatchObject({ code: 'video.undecodable', found: 'moov is missing' });
    const cutOff = Uint8Array.from([0, 0, 9, 9, ...Buffer.from('ftypisom')]);
    const options = { place: 'clip.mp4', load: standIn(second) };
    await expect(readContainer(cutOff, options)).rejects.toMatchObject({ found: 'a file that is cut off' });
    await expect(read(second, { maximumPixels: 20 })).rejects.toMatchObject({ code: 'video.undecodable' });
  });
});

const installed = await import('mediabunny' as string).then(
  () => true,
  () => false,
);

describe('video files by their first bytes', () => {
  const box = (text: string) => Buffer.from(`\0\0\0\u0018${text}\0\0\0\0`, 'latin1');
  const containers = [
    box('ftypisom'),
    box('ftypqt  '),
    box('moovabcd'),
    Buffer.from('1a45dfa39f4286810142f781', 'hex'),
  ];

  it.each(containers)(
    'are handed to the decoding packages, which are missed in words or refuse the rest',
    async (bytes) => {
      const code = installed ? 'video.undecodable' : 'video.decoder-missing';
      await expect(VideoClip.read(new Uint8Array(bytes))).rejects.toMatchObject({ code });
    },
  );

  it('are not taken for videos where they are pictures of the same container', async () => {
    await expect(VideoClip.read(new Uint8Array(box('ftypavif')))).rejects.toMatchObject({ code: 'video.undecodable' });
  });
});
