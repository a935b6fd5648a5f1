import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueOfJson } from './media/json-value.ts';
import { jsonLinesOf, type ProgramRun, trainingFolder } from './testing/recorded-program.ts';

// Points in space: a modality as somebody else would bring it, whose values { points } no kind of file is made for.
const tensorflow = pathToFileURL(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core')).href;
const plugin = `
import tf from ${JSON.stringify(tensorflow)};
const weight = (...shape) => ({ shape, initializer: { kind: 'normal', standardDeviation: 0.02 }, decay: true });
const product = (x, w) => tf.matMul(x, w);
const createPoints = () => ({
  kind: 'continuous',
  modality: 'points',
  defaultLatentShape: [4, 3],
  encode: async ({ points }) => {
    if (!(points instanceof Float32Array)) throw new Error('points is no Float32Array');
    return { data: points.slice(), shape: [4, 3] };
  },
  decode: async ({ data }) => ({ points: data.slice() }),
  tokenGrid: () => [4],
  parameters: (width) => ({ in: weight(3, width), time: weight(1, width), out: weight(width, 3) }),
  embed(params, noisy, time) {
    const batch = noisy.shape[0];
    const tokens = tf.reshape(product(tf.reshape(noisy, [batch * 4, 3]), params.in), [batch, 4, -1]);
    const timed = tf.reshape(product(tf.reshape(time, [batch, 1]), params.time), [batch, 1, -1]);
    return { tokens: tf.add(tokens, timed), skips: {} };
  },
  predict(params, hidden) {
    const [batch, tokens, width] = hidden.shape;
    return tf.reshape(product(tf.reshape(hidden, [batch * tokens, width]), params.out), [batch, 4, 3]);
  },
});
const item = (index) => ({
  id: 'cloud ' + index,
  segments: [
    { modality: 'text', value: (index + (index >> 1)) % 2 ? 'chair' : 'table' },
    { modality: 'points', value: { points: new Float32Array(12).fill((index + (index >> 1)) % 2) } },
  ],
});
const data = { name: 'clouds', train: { name: 'train', length: 8, item }, heldOut: [], texts: () => ['chair', 'table'] };
const configSchema = {};
export const clouds = {
  manifest: { name: 'clouds', version: '1.0.0', api: '^1.0.0', provides: ['continuous-adapter:points', 'dataset:clouds'] },
  contributions: [
    { kind: 'continuous-adapter', name: 'points', description: 'Points.', configSchema, create: createPoints },
    {
      kind: 'dataset',
      name: 'clouds',
      description: 'Clouds.',
      configSchema,
      create: () => ({ name: 'clouds', prepare: async () => data }),
    },
  ],
};
`;

const config = {
  plugins: ['./clouds.mjs'],
  data: { name: 'clouds' },
  model: { preset: 'nano', sequenceLength: 64 },
  modalities: { text: { adapter: 'bpe', vocabularySize: 259 }, points: { adapter: 'points' } },
  sampling: { steps: 2 },
  train: { steps: 4, rows: 2, rowLength: 64, logEvery: 2, sampleEvery: 4 },
};

const { folder, out, train, generate, caption, remove } = trainingFolder('clouds');
let trained: ProgramRun;
beforeAll(async () => {
  trained = await train(config, { 'clouds.mjs': plugin });
});
afterAll(remove);

describe('a model of a modality that somebody brought', () => {
  it('leaves samples as JSON, and a report that says why they are not in it', async () => {
    expect(trained).toMatchObject({ exitCode: 0 });
    const samples = (await readdir(join(out, 'samples'))).toSorted();
    expect(samples).toEqual(['step-000004-points-1.json', 'step-000004-points-2.json']);
    const page = await readFile(join(out, 'report.html'), 'utf8');
    expect(page).toContain('There are no examples of points here');
  });

  it('saves what it makes as JSON, and takes it in prompts, to begin from and to caption', async () => {
    const cloud = join(folder, 'points-1.json');
    expect(await generate('chair', '--want', 'points')).toMatchObject({ exitCode: 0, stdout: `Saved ${cloud}\n` });
    const made = valueOfJson(await readFile(cloud, 'utf8'));
    expect(made).toEqual({ points: expect.any(Float32Array) });
    const scripted = await generate('chair', '--want', 'points', '--json');
    expect(scripted.stdout).toContain(JSON.stringify({ type: 'segment', modality: 'points', file: cloud }));
    expect(valueOfJson(await readFile(cloud, 'utf8'))).toEqual(made);
    const told = await generate('this', `points:${cloud}`, '--want', 'text', '--max-tokens', '2');
    expect(told).toMatchObject({ exitCode: 0 });
    expect(await generate('chair', '--from', `points:${cloud}`)).toMatchObject({ exitCode: 0 });
    const captions = await caption(cloud, `points:${cloud}`, '--json');
    const expected = { file: cloud, modality: 'points', caption: expect.any(String) };
    expect(jsonLinesOf(captions.stdout)).toEqual([expected, expected]);
  });

  it('refuses files of modalities that it does not have, naming its own', async () => {
    await writeFile(join(folder, 'other.json'), '{}');
    const refused = await generate(`cloud:${join(folder, 'other.json')}`, '--want', 'points');
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('expected one that the model reads from files: points');
    expect((await generate('chair', '--want', 'points', '--size', '512')).stderr).toContain('{"points":512}');
  });
});
