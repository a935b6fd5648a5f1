import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset, DatasetSplit, RandomSource, RawAudio } from '@transfuse/core/contracts';
import { checkPlugin } from '@transfuse/core/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDigitJudge, judgedAccuracy, knownWords } from './digit-judge.ts';
import { spokenDigits } from './index.ts';
import { recordingNameOf } from './recording-file.ts';
import { createSpokenDigitsFactory } from './spoken-digits-factory.ts';

// A small folder of the data set's form: three digits of two speakers, ten recordings each. A digit is a glide between two
// pitches of its own, a speaker a pitch and a timbre; every recording has another length and loudness.

let folder: string;
let dataset: Dataset;
const random = undefined as unknown as RandomSource;
const items = (split: DatasetSplit) => Array.from({ length: split.length }, (_, index) => split.item(index, random));
const soundOf = (split: DatasetSplit, index = 0) => split.item(index, random).segments[1]!.value as RawAudio;
const prepare = (settings: Record<string, unknown>, options: { readonly signal?: AbortSignal } = {}) =>
  createSpokenDigitsFactory().prepare(settings, { cacheFolder: folder, ...options });

function wav(samples: ArrayLike<number>, { rate = 8000, channels = 1 } = {}): Uint8Array {
  const file = Buffer.alloc(44 + samples.length * 2);
  file.write('RIFF\0\0\0\0WAVEfmt ');
  for (const [at, value] of [
    [16, 16],
    [24, rate],
    [40, samples.length * 2],
  ] as const)
    file.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, channels],
    [34, 16],
  ] as const)
    file.writeUInt16LE(value, at);
  file.write('data', 36);
  for (let n = 0; n < samples.length; n++) file.writeInt16LE(Math.round(samples[n]! * 32767), 44 + 2 * n);
  return file;
}
function spoken(digit: number, speaker: string, index: number): Uint8Array {
  const [length, loudness] = [1600 + 97 * index, 0.02 * (1 + index)];
  const [from, to] = [
    [300, 900],
    [900, 300],
    [1600, 1600],
    [500, 2000],
  ][digit]!;
  let phase = 0;
  return wav(
    Float32Array.from({ length }, (_, n) => {
      const pitch = (from! + ((to! - from!) * n) / length) * (speaker === 'george' ? 1 : 1.15);
      phase += (2 * Math.PI * pitch) / 8000;
      return loudness * (Math.sin(phase) + (speaker === 'george' ? 0.5 : 0.1) * Math.sin(2 * phase));
    }),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spoken-digits-'));
  await mkdir(join(folder, 'set', 'recordings'), { recursive: true });
  for (const digit of [0, 1, 3]) {
    for (const speaker of ['george', 'theo']) {
      for (let index = 0; index < 10; index++) {
        await writeFile(
          join(folder, 'set', 'recordings', `${digit}_${speaker}_${index}.wav`),
          spoken(digit, speaker, index),
        );
      }
    }
  }
  await writeFile(join(folder, 'set', 'README.md'), 'not a recording');
  dataset = await prepare({ source: join(folder, 'set') });
});
afterAll(() => rm(folder, { recursive: true }));

checkPlugin(spokenDigits, {
  title: 'the plugin of spoken digits',
  settings: { 'dataset:spoken-digits': { source: 'recordings' } },
}).register({ describe, it });

describe('the data set', () => {
  it('keeps index 0 to 4 for the official test, and one digit of each speaker', () => {
    expect([dataset.train, ...dataset.heldOut].map(({ name, length }) => [name, length])).toEqual([
      ['train', 25],
      ['official-test', 30],
      ['held-out', 5],
    ]);
    expect(items(dataset.heldOut[1]!).map(({ id }) => id)).toEqual([5, 6, 7, 8, 9].map((index) => `3/george/${index}`));
    const ids = [dataset.train, ...dataset.heldOut].flatMap((split) => items(split).map(({ id }) => id));
    expect(new Set(ids).size).toBe(60);
  });

  it('gives the digit’s word and the speaker, then the sound', () => {
    const { id, segments } = dataset.train.item(0, random);
    expect([id, segments.map(({ modality }) => modality), segments[0]!.value]).toEqual([
      '0/george/5',
      ['text', 'audio'],
      'zero, george',
    ]);
    const { sampleRate, channels } = soundOf(dataset.train);
    expect([sampleRate, channels.length, channels[0]!.length]).toEqual([8000, 1, 1600 + 5 * 97]);
    expect([...dataset.texts()].toSorted()).toEqual(
      ['one', 'three', 'zero'].flatMap((word) => [`${word}, george`, `${word}, theo`]),
    );
  });

  it('evens out loudness, unless it is told not to', async () => {
    const loudnessOf = ({ channels }: RawAudio) => {
      const [samples] = channels;
      return Math.sqrt(samples!.reduce((sum, sample) => sum + sample * sample, 0) / samples!.length);
    };
    for (let index = 0; index < dataset.train.length; index++) {
      expect(loudnessOf(soundOf(dataset.train, index))).toBeCloseTo(0.1, 5);
    }
    const recorded = await prepare({ source: join(folder, 'set'), loudness: 'recorded' });
    expect(loudnessOf(soundOf(recorded.train, 4)) / loudnessOf(soundOf(recorded.train, 0))).toBeCloseTo(10 / 6, 1);
  });

  it('refuses an index outside the split', () => {
    expect(() => dataset.train.item(25, random)).toThrow(/found index 25, expected an integer from 0 to 24/);
  });
});

describe('preparing it', () => {
  it('reports its progress, file by file', async () => {
    const reports: number[] = [];
    const progress = ({ done, total }: { readonly done: number; readonly total: number }) => reports.push(done / total);
    await createSpokenDigitsFactory({ source: join(folder, 'set') }).prepare({}, { cacheFolder: folder, progress });
    expect([reports.length, reports[0], reports.at(-1)]).toEqual([60, 1 / 60, 1]);
  });

  it('stops when its signal says so', async () => {
    const running = prepare({ source: join(folder, 'set') }, { signal: AbortSignal.abort() });
    await expect(running).rejects.toMatchObject({ code: 'dataset.aborted' });
  });

  it('says where to get recordings where there are none', async () => {
    await expect(prepare({ source: join(folder, 'nowhere.tar.gz') })).rejects.toThrow(
      /ENOENT.*free-spoken-digit-dataset/s,
    );
    await mkdir(join(folder, 'empty'));
    await expect(prepare({ source: join(folder, 'empty') })).rejects.toMatchObject({ code: 'dataset.unavailable' });
    await writeFile(join(folder, 'words.tar.gz'), 'not an archive, however long this text may be'.repeat(30));
    await expect(prepare({ source: join(folder, 'words.tar.gz') })).rejects.toMatchObject({
      code: 'dataset.unavailable',
    });
  });

  it.each([
    ['text', () => Buffer.from('no sound'), /no WAV file/],
    ['stereo', () => wav(new Float32Array(10), { channels: 2 }), /format 1, 2 channels of 16 bits/],
    ['nothing', () => wav([]), /WAV file without sound/],
    ['a cut file', () => spoken(1, 'theo', 1).subarray(0, 90), /cut short/],
  ])('names a recording that holds %s', async (name, content, message) => {
    const source = join(folder, name);
    await mkdir(source);
    await writeFile(join(source, '1_theo_1.wav'), content());
    const refused = prepare({ source });
    await expect(refused).rejects.toMatchObject({ code: 'dataset.unavailable', place: join(source, '1_theo_1.wav') });
    await expect(refused).rejects.toThrow(message);
  });

  it.each([
    [{}, 'data.source'],
    [{ source: '' }, 'data.source'],
    [{ source: 3 }, 'data.source'],
    [{ source: 'a', loudness: 'loud' }, 'data.loudness'],
    [{ source: 'a', sauce: 'b' }, 'data.sauce'],
  ])('refuses the settings %j', async (settings, place) => {
    await expect(prepare(settings)).rejects.toMatchObject({ code: 'config.invalid', place });
  });
});

describe('recordingNameOf', () => {
  it('takes names apart, and leaves other files alone', () => {
    expect(recordingNameOf('a/recordings/7_jackson_32.wav')).toEqual({ digit: 7, speaker: 'jackson', index: 32 });
    for (const other of ['7_jackson_32.png', '17_jackson_3.wav', '7_jackson.wav', 'a/x7_jackson_3.wav']) {
      expect(recordingNameOf(other)).toBeUndefined();
    }
  });
});

describe('the judge', () => {
  it('tells digits and speakers apart, whatever the length and the loudness', () => {
    const judge = createDigitJudge([...knownWords(dataset.train), ...knownWords(dataset.heldOut[1]!)]);
    expect(judgedAccuracy(judge, knownWords(dataset.heldOut[0]!))).toEqual({ digit: 1, speaker: 1, both: 1 });
  });

  it('does not mind silence around a word, or a second channel of the same', () => {
    const judge = createDigitJudge(knownWords(dataset.train));
    const { sampleRate, channels } = soundOf(dataset.train, 7);
    const padded = Float32Array.from([...new Float32Array(800), ...channels[0]!, ...new Float32Array(2400)]);
    expect(judge.judge({ sampleRate, channels: [padded, padded] })).toMatchObject({ digit: 0, speaker: 'theo' });
    expect(judge.judge({ sampleRate, channels }).distance).toBe(0);
  });

  it('judges silence and sounds shorter than a frame, somehow', () => {
    const judge = createDigitJudge(knownWords(dataset.train));
    for (const samples of [new Float32Array(4000), Float32Array.of(0.5)]) {
      expect(judge.judge({ sampleRate: 8000, channels: [samples] }).distance).toBeGreaterThan(0.5);
    }
  });

  it('refuses other rates, and to know nothing', () => {
    const judge = createDigitJudge(knownWords(dataset.train));
    const other = { sampleRate: 16000, channels: [new Float32Array(4000)] };
    expect(() => judge.judge(other)).toThrow(expect.objectContaining({ code: 'config.invalid' }));
    expect(() => createDigitJudge([])).toThrow(expect.objectContaining({ code: 'config.invalid' }));
  });
});
