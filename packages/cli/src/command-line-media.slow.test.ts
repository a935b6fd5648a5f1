import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AudioClip } from '@transfuse/adapters/audio';
import { VideoClip } from '@transfuse/adapters/video';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLinesOf, type ProgramRun, trainingFolder, transfuse } from './testing/recorded-program.ts';

// Tones and blinking squares, each with a word: a data set as somebody else would write it.
const plugin = `
const tone = (seconds, hertz) => ({
  sampleRate: 1000,
  channels: [Float32Array.from({ length: seconds * 1000 }, (_, n) => 0.3 * Math.sin((n * hertz * 2 * Math.PI) / 1000))],
});
const grey = (level) => ({ width: 8, height: 8, data: new Uint8Array(192).fill(level) });
const clip = (levels) => ({ frames: levels.map(grey), delays: levels.map(() => 100) });
const values = [
  ['low', 'audio', tone(0.1, 50)],
  ['high', 'audio', tone(0.2, 200)],
  ['dawn', 'video', clip([0, 250])],
  ['blink', 'video', clip([0, 250, 20, 230])],
];
const item = ([word, modality, value]) => ({ id: word, segments: [{ modality: 'text', value: word }, { modality, value }] });
const split = (name, length) => ({ name, length, item: (index) => item(values[(index + (index >> 2)) % 4]) });
export const signals = {
  manifest: { name: 'signals', version: '1.0.0', api: '^1.0.0', provides: ['dataset:signals'] },
  contributions: [
    {
      kind: 'dataset',
      name: 'signals',
      description: 'Tones and blinking squares.',
      configSchema: {},
      create: () => ({
        name: 'signals',
        prepare: async () => ({
          name: 'signals',
          train: split('train', 8),
          heldOut: [split('kept', 4)],
          texts: () => values.map(([word]) => word),
        }),
      }),
    },
  ],
};
`;

const config = {
  plugins: ['./signals.mjs'],
  data: { name: 'signals' },
  model: { preset: 'nano', sequenceLength: 64, positions: 'axial' },
  modalities: {
    text: { adapter: 'bpe', vocabularySize: 259 },
    audio: {
      adapter: 'audio-patch',
      sampleRate: 1000,
      durations: [0.1, 0.2],
      representation: { kind: 'waveform', patchSize: 20 },
      shapeTokens: 'grid',
    },
    video: { adapter: 'video-patch', frames: [4, 2], frameDuration: 100, size: 8, patchSize: { side: 4 } },
  },
  sampling: { steps: 2 },
  train: { steps: 4, rows: 2, rowLength: 64, logEvery: 2, sampleEvery: 4 },
};

const { folder, configFile, out, checkpoint, train, generate, caption, remove } = trainingFolder('signals');
let trained: ProgramRun;
beforeAll(async () => {
  trained = await train(config, { 'signals.mjs': plugin });
});
afterAll(remove);

describe('a model of text, sounds and clips', () => {
  it('leaves a sample of every modality for every caption, and a report that plays them', async () => {
    expect(trained).toMatchObject({ exitCode: 0 });
    const samples = (await readdir(join(out, 'samples'))).toSorted();
    expect(samples).toEqual(['1.wav', '1.webp', '2.wav', '2.webp'].map((end) => `step-000004-${end}`));
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page.match(/<audio controls /gu)!.length).toBeGreaterThan(10);
    expect(page.match(/data:image\/webp/gu)!.length).toBeGreaterThan(10);
    expect(page).toContain('“blink” after 4 steps');
    expect(page).toContain('<h3>Split <q>kept</q>: 2 sounds</h3>');
    expect(page).toContain('<h3>Split <q>kept</q>: 2 clips</h3>');
  });

  it('makes sounds and clips of the size that is asked for', async () => {
    const sound = await generate('high', '--want', 'audio', '--size', '0.1s');
    expect(sound).toMatchObject({ exitCode: 0, stdout: `Saved ${join(folder, 'audio-1.wav')}\n` });
    expect((await AudioClip.read(join(folder, 'audio-1.wav'))).seconds).toBe(0.1);
    const clip = await generate('blink', '--want', 'video', '--size', '2x8x8');
    expect(clip).toMatchObject({ exitCode: 0, stdout: `Saved ${join(folder, 'video-1.webp')}\n` });
    expect((await VideoClip.read(join(folder, 'video-1.webp'))).duration).toBe(200);
    const events = jsonLinesOf((await generate('high', '--want', 'audio', '--json')).stdout);
    expect(events.map(({ type }) => type)).toContain('shape');
  });

  it('begins from sounds and clips, and takes them in prompts', async () => {
    const [wav, webp] = [join(folder, 'low.wav'), join(folder, 'dawn.webp')];
    await AudioClip.from({ sampleRate: 1000, channels: [new Float32Array(150)] }).save(wav);
    const grey = (level: number) => ({ width: 8, height: 8, data: new Uint8Array(192).fill(level) });
    await VideoClip.from({ frames: [grey(0), grey(99)], delays: [100, 100] }).save(webp);
    expect((await generate('low', '--from', wav, '--strength', '0.5')).stdout).toContain('audio-1.wav');
    expect((await generate('dawn', '--from', webp)).stdout).toContain('video-1.webp');
    expect(await generate('this', `video:${webp}`, wav, '--want', 'text', '--max-tokens', '2')).toMatchObject({
      exitCode: 0,
    });
    const captions = await caption(wav, webp, '--max-tokens', '2', '--json');
    expect(jsonLinesOf(captions.stdout)).toEqual([
      { file: wav, modality: 'audio', caption: expect.any(String) },
      { file: webp, modality: 'video', caption: expect.any(String) },
    ]);
  });

  it('needs no configuration to be used, because its adapters are built in', async () => {
    const made = await transfuse('generate', checkpoint, 'high', '--want', 'audio', '--out', folder);
    expect(made).toMatchObject({ exitCode: 0, stdout: `Saved ${join(folder, 'audio-1.wav')}\n` });
    const told = await transfuse('caption', checkpoint, join(folder, 'audio-1.wav'), '--max-tokens', '2');
    expect(told).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('refuses a size in the words of another modality, and files it knows nothing of', async () => {
    const { exitCode, stderr } = await generate('high', '--want', 'audio', '--size', '8x8');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[generation.invalid-option]');
    const refused = await caption('image:heart.png');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('found a picture, expected one that the model reads from files: audio, video');
  });

  it('is described with its shapes, their grids and who tells them', async () => {
    const { stdout } = await transfuse('inspect', checkpoint, '--config', configFile);
    expect(stdout).toContain('Shapes of audio, told by 1 token before the block, which the model writes');
    expect(stdout).toContain('Shapes of video, decided by whoever asks');
    expect(stdout).toContain('[4, 8, 8, 3]  16 tokens (4 x 2 x 2), where nothing else decides');
    expect(stdout).toContain('axial, up to 3 axes');
    const report = JSON.parse((await transfuse('inspect', checkpoint, '--config', configFile, '--json')).stdout) as {
      adapters: { modality: string; shapes?: unknown[]; shapeTokens?: number }[];
    };
    expect(report.adapters.find(({ modality }) => modality === 'audio')).toMatchObject({
      shapes: [
        { latentShape: [100, 1], grid: [5], tokens: 5 },
        { latentShape: [200, 1], grid: [10], tokens: 10 },
      ],
      shapeTokens: 1,
    });
  });
});
