import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AudioClip } from './audio-clip.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audio-clip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const ramp = (length: number, step = 0.01) => Float32Array.from({ length }, (_, index) => index * step);
const stereo = AudioClip.from({ sampleRate: 100, channels: [ramp(50), ramp(50, -0.01)] });

describe('AudioClip.from', () => {
  it.each([
    ['a rate of 0', { sampleRate: 0, channels: [ramp(3)] }, /the sample rate 0/],
    ['a rate with a fraction', { sampleRate: 0.5, channels: [ramp(3)] }, /the sample rate 0.5/],
    ['no channel', { sampleRate: 8000, channels: [] }, /0 channels of no samples/],
    ['no sample', { sampleRate: 8000, channels: [ramp(0)] }, /1 channels of 0 samples/],
    ['channels of two lengths', { sampleRate: 8000, channels: [ramp(3), ramp(2)] }, /2 channels of 3, 2 samples/],
    ['what is no list', { sampleRate: 8000, channels: ramp(3) as never }, /no list of Float32Arrays/],
    ['numbers of another type', { sampleRate: 8000, channels: [[0.5]] as never }, /no list of Float32Arrays/],
    ['not a number', { sampleRate: 8000, channels: [Float32Array.of(0, NaN)] }, /NaN at sample 1 of channel 0/],
  ])('refuses %s', (_, raw, message) => {
    expect(() => AudioClip.from(raw)).toThrow(expect.objectContaining({ code: 'audio.undecodable' }));
    expect(() => AudioClip.from(raw)).toThrow(message);
  });

  it('says how long the sound is', () => {
    expect([stereo.length, stereo.seconds]).toEqual([50, 0.5]);
  });
});

describe('AudioClip.toMono and toChannels', () => {
  it('take the mean of all channels', () => {
    expect(stereo.toMono().channels).toEqual([new Float32Array(50)]);
    const three = AudioClip.from({
      sampleRate: 8,
      channels: [Float32Array.of(0.9), Float32Array.of(0.3), Float32Array.of(0)],
    });
    const [left, right, ...more] = three.toChannels(2).channels;
    expect([left![0], right![0], more.length]).toEqual([expect.closeTo(0.4, 6), expect.closeTo(0.4, 6), 0]);
  });

  it('leave a sound alone that has as many', () => {
    expect(stereo.toChannels(2)).toBe(stereo);
  });

  it.each([0, 1.5, -1])('refuse %s channels', (count) => {
    expect(() => stereo.toChannels(count)).toThrow(expect.objectContaining({ code: 'audio.unsupported-length' }));
  });
});

describe('AudioClip.cut', () => {
  it('takes the part between two times', () => {
    const part = stereo.cut(0.1, 0.2);
    expect(part.channels).toEqual([ramp(50).slice(10, 30), ramp(50, -0.01).slice(10, 30)]);
  });

  it('takes what there is where the sound ends earlier', () => {
    expect(stereo.cut(0.45, 10).length).toBe(5);
    expect(stereo.cut(0, Infinity).length).toBe(50);
  });

  it.each([
    [0.5, 1],
    [-0.1, 1],
    [0, 0],
    [0, -1],
    [NaN, 1],
    [0, 0.001],
  ])('refuses second %s for %s seconds, where there is nothing', (start, seconds) => {
    expect(() => stereo.cut(start, seconds)).toThrow(expect.objectContaining({ code: 'audio.unsupported-length' }));
  });
});

describe('AudioClip.toWav and save', () => {
  const clips = fc
    .record({
      sampleRate: fc.integer({ min: 1, max: 200_000 }),
      integers: fc.array(fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 5, maxLength: 5 }), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    .map(({ sampleRate, integers }) =>
      AudioClip.from({ sampleRate, channels: integers.map((one) => Float32Array.from(one, (value) => value / 32768)) }),
    );

  it('give back every 16-bit sample, rate and channel', async () => {
    await fc.assert(
      fc.asyncProperty(clips, async (clip) => {
        expect(await AudioClip.read(clip.toWav())).toEqual(clip);
      }),
      { numRuns: 50 },
    );
  });

  it('give back floats to the bit, beyond full scale too', async () => {
    const clip = AudioClip.from({ sampleRate: 11025, channels: [Float32Array.of(0.1, -1.5, 1e-20, 3)] });
    expect(await AudioClip.read(clip.toWav({ format: 'float32' }))).toEqual(clip);
  });

  it('clamp what is beyond full scale to 16 bits', async () => {
    const loud = AudioClip.from({ sampleRate: 8000, channels: [Float32Array.of(2, -2, 1)] });
    const [samples] = (await AudioClip.read(loud.toWav())).channels;
    expect([...samples!]).toEqual([32767 / 32768, -1, 32767 / 32768]);
  });

  it('write a file that can be read by its path', async () => {
    const path = join(folder, 'sound.WAV');
    await stereo.save(path, { format: 'float32' });
    expect(await AudioClip.read(path)).toEqual(stereo);
    expect((await readFile(path)).length).toBe(44 + 50 * 2 * 4);
  });

  it('refuse other extensions and folders that are not there', async () => {
    await expect(stereo.save(join(folder, 'a.mp3'))).rejects.toThrow(/the extension \.mp3, expected \.wav/);
    await expect(stereo.save(join(folder, 'a'))).rejects.toMatchObject({ code: 'audio.unwritable' });
    await expect(stereo.save(join(folder, 'no', 'a.wav'))).rejects.toMatchObject({ code: 'audio.unwritable' });
  });
});

describe('AudioClip.read', () => {
  it('says that a file does not exist, and names it', async () => {
    const path = join(folder, 'nowhere.wav');
    await expect(AudioClip.read(path)).rejects.toMatchObject({ code: 'audio.not-found', place: path });
  });

  it('says that something is no sound', async () => {
    await writeFile(join(folder, 'words.wav'), 'not a sound');
    for (const source of [join(folder, 'words.wav'), folder, new Uint8Array(0), Uint8Array.of(0xff, 0xd8, 0xff)]) {
      await expect(AudioClip.read(source)).rejects.toMatchObject({ code: 'audio.undecodable' });
    }
  });
});

describe('AudioClip.resample', () => {
  it('keeps every channel and the duration', () => {
    const other = stereo.resample(160);
    expect([other.sampleRate, other.length, other.channels.length, other.seconds]).toEqual([160, 80, 2, 0.5]);
    expect(stereo.resample(100)).toBe(stereo);
  });

  it.each([0, -8000, 44.1])('refuses %s', (rate) => {
    expect(() => stereo.resample(rate)).toThrow(expect.objectContaining({ code: 'audio.unsupported-length' }));
  });
});
