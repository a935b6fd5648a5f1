// Deliberately broken adapters and plugins, each of which breaks one promise of its contract; and the suite itself.
import { add, customGrad, matMul, mean, mul, reshape, sub, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type {
  ContinuousAdapter,
  Contribution,
  DiscreteAdapter,
  Latent,
  NoiseSchedule,
  Plugin,
} from '@transfuse/core/contracts';
import {
  checkContinuousAdapter,
  type CheckOptions,
  checkDiscreteAdapter,
  checkNoiseSchedule,
  checkPlugin,
  type ContinuousAdapterCheckOptions,
  straightSchedule,
} from '@transfuse/core/testing';
import { TransfuseError } from '@transfuse/core';
import { registerBroken } from './conformance-broken.ts';

const refuse = (found: unknown): never => {
  throw new TransfuseError({
    code: 'sequence.invalid',
    place: 'segment',
    found: String(found),
    expected: 'a value of the modality',
    mend: 'Pass one.',
  });
};

describe('a broken discrete adapter', () => {
  /** Text as UTF-8 bytes. */
  const bytes: DiscreteAdapter<string> = {
    kind: 'discrete',
    modality: 'text',
    vocabularySize: 256,
    encode: (raw) => (typeof raw === 'string' ? Int32Array.from(new TextEncoder().encode(raw)) : refuse(raw)),
    decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids)),
    createIncrementalDecoder() {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
      return { push: (id) => decoder.decode(Uint8Array.of(id), { stream: true }), flush: () => decoder.decode() };
    },
    assets: () => ({ 'alphabet.json': new TextEncoder().encode('"bytes"') }),
  };
  const suite = (broken: Partial<DiscreteAdapter<string>>, restored: Partial<DiscreteAdapter<string>> = {}) =>
    checkDiscreteAdapter(() => ({ ...bytes, ...broken }), {
      samples: ['naïve 🐌', ''],
      restore: () => ({ ...bytes, ...restored }),
    });
  let calls = 0;
  let shared: string[] = [];
  registerBroken(suite({}), [
    ['says what it is', suite({ kind: 'text' as 'discrete' }), /^kind is "text"/],
    ['says what it is', suite({ vocabularySize: 0 }), /^vocabularySize is 0/],
    ['encodes to ids within its vocabulary', suite({ vocabularySize: 128 }), /gave the id 195; ids run from 0 to 127/],
    [
      'encodes to ids within its vocabulary',
      suite({ encode: (raw) => [...bytes.encode(raw)] as never }),
      /gave no Int32Array/,
    ],
    [
      'encodes to ids within its vocabulary',
      suite({ encode: (raw) => Int32Array.of(...bytes.encode(raw), calls++ % 256) }),
      /gave other ids the second time/,
    ],
    [
      'decodes what it encoded',
      suite({ decode: (ids) => bytes.decode(ids).normalize('NFD') }),
      /^decode\(encode\("naïve 🐌"\)\) is .*; it must be the value itself/,
    ],
    [
      'decodes a stream to what it decodes the whole list to',
      suite({ createIncrementalDecoder: () => ({ push: (id) => bytes.decode([id]), flush: () => '' }) }),
      /but one by one to .*; the two must be equal/,
    ],
    [
      'never shows a part that a later id changes',
      suite({ createIncrementalDecoder: () => ({ push: (id) => bytes.decode([id]), flush: () => '' }) }),
      /^After 3 ids the stream .* hold back what the next id may still change, such as half a character/,
    ],
    [
      'decodes two streams at once',
      suite({
        createIncrementalDecoder: () => {
          shared = [];
          return { push: (id) => (shared.push(String(id)), ''), flush: () => bytes.decode(shared.map(Number)) };
        },
      }),
      /every incremental decoder has a state of its own/,
    ],
    ['refuses what it cannot encode', suite({ encode: (raw) => bytes.encode(String(raw)) }), /was accepted/],
    [
      'refuses what it cannot encode',
      suite({ encode: (raw) => bytes.encode(raw.slice()) }),
      /^encode\(undefined\) ended with TypeError.*; the contract wants a TransfuseError/,
    ],
    ['gives files for a checkpoint', suite({ assets: () => ({ '../x': new Uint8Array(1) }) }), /a plain file name/],
    ['gives files for a checkpoint', suite({ assets: () => ({ x: 'text' as never }) }), /^assets.x is no Uint8Array/],
    ['is restored from its files', suite({}, { vocabularySize: 255 }), /has 255 tokens instead of 256/],
    [
      'is restored from its files',
      suite({}, { encode: (raw) => bytes.encode(raw).toReversed() }),
      /Restored from its own files the adapter encodes "naïve 🐌" differently/,
    ],
  ]);

  it('cannot be checked without samples', () => {
    expect(() => checkDiscreteAdapter(() => bytes, { samples: [] })).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: 'checkDiscreteAdapter: samples' }),
    );
  });
});

/** `[1, n, 1]` of ones, the first a zero. */
const allButFirst = (n: number) =>
  tensor(
    Array.from({ length: n }, (_, index) => (index === 0 ? 0 : 1)),
    [1, n, 1],
  );

const doubledWithWrongGradient = customGrad((x) => ({
  value: mul(x as Tensor, 2),
  gradFunc: (slope: Tensor) => [slope],
}));

describe('a broken continuous adapter', () => {
  const refuseSize = (found: unknown): never => {
    throw new TransfuseError({
      code: 'generation.invalid-option',
      place: 'size of a line',
      found: JSON.stringify(found),
      expected: '{ length: 4 } or { length: 1 }',
      mend: 'Ask for one of these.',
    });
  };
  /** Lists of numbers, one token each: `[n, 1]` latents. */
  const line: ContinuousAdapter<readonly number[]> = {
    kind: 'continuous',
    modality: 'line',
    defaultLatentShape: [4, 1],
    latentShapes: [
      [4, 1],
      [1, 1],
    ],
    latentShape: (size) => (size['length'] === 4 || size['length'] === 1 ? [size['length'], 1] : refuseSize(size)),
    encode: async (raw) =>
      Array.isArray(raw) ? { data: Float32Array.from(raw), shape: [raw.length, 1] } : refuse(raw),
    decode: async ({ data }) => Array.from(data, (x) => Math.min(1, Math.max(-1, x))),
    tokenGrid: ([length]) => [length ?? refuse('no length')],
    parameters: (width) => ({
      'input.weight': { shape: [1, width], initializer: { kind: 'normal', standardDeviation: 1 }, decay: true },
      'time.weight': { shape: [1, width], initializer: { kind: 'normal', standardDeviation: 1 }, decay: true },
      'output.weight': { shape: [width, 1], initializer: { kind: 'zeros' }, decay: true },
    }),
    embed(params, noisy, time) {
      const timed = mul(reshape(time, [-1, 1, 1]), reshape(params['time.weight']!, [1, 1, -1]));
      return { tokens: add(mul(noisy, reshape(params['input.weight']!, [1, 1, -1])), timed), skips: {} };
    },
    predict(params, hidden, _time, _skips, [length]) {
      const width = hidden.shape[2]!;
      const column = matMul(reshape(hidden, [-1, width]), params['output.weight']!);
      return reshape(column, [-1, length!, 1]);
    },
  };
  const options = { samples: [[0.1, -0.4, 0.9, 0.2], [0.5]], sizes: [{ length: 1 }] };
  const suite = (
    broken: Partial<ContinuousAdapter<readonly number[]>>,
    more: Partial<ContinuousAdapterCheckOptions<readonly number[]>> = {},
  ) => checkContinuousAdapter(() => ({ ...line, ...broken }), { ...options, ...more });
  const encoded = (change: (latent: Latent) => Latent) =>
    suite({ encode: async (raw) => change(await line.encode(raw)) });
  const { latentShape: _unsized, ...unsized } = line;
  const spec = line.parameters(16);
  let calls = 0;
  registerBroken(suite({}), [
    ['says what it is', suite({ defaultLatentShape: [4, 0] }), /^defaultLatentShape is \[4,0\]; a shape is/],
    ['says what it is', suite({ modality: '' }), /^modality is ""/],
    ['says what it is', suite({ latentShapes: [] }), /^latentShapes is \[\]; list every shape there can be/],
    ['says what it is', suite({ latentShapes: [[4, 1], []] }), /^latentShapes\[1\] is \[\]; a shape is/],
    ['says what it is', suite({ latentShapes: [[1, 1]] }), /^latentShapes does not have defaultLatentShape \[4, 1\]/],
    [
      'answers sizes with its latent shapes',
      checkContinuousAdapter(() => unsized, options),
      /^It has no latentShape, but the suite was given sizes/,
    ],
    [
      'encodes values to finite latents of moderate size',
      suite({ latentShapes: [[4, 1]] }),
      /^Sample 1 gave a latent of shape \[1, 1\], which is not declared; .* here \[4, 1\]\.$/,
    ],
    [
      'has a grid of its own for every latent shape',
      suite({ tokenGrid: () => [1] }),
      /^The latent shapes \[4, 1\] and \[1, 1\] have one grid of tokens, \[1\]/,
    ],
    [
      'answers sizes with its latent shapes',
      suite({ latentShape: (size) => ('length' in size ? [2, 1] : refuseSize(size)) }),
      /^latentShape\({"length":1}\) is \[2,1\]; answer with one of \[4, 1\], \[1, 1\]/,
    ],
    [
      'answers sizes with its latent shapes',
      suite({ latentShape: () => [4, 1] }),
      /^latentShape\({}\) was accepted .* refuse it with a TransfuseError of code generation\.invalid-option/,
    ],
    [
      'answers sizes with its latent shapes',
      suite({ latentShape: (size) => [size['length'] ?? refuse(size), 1] }),
      /^latentShape\({}\) ended with TransfuseError: .* of code generation\.invalid-option/,
    ],
    [
      'encodes values to finite latents of moderate size',
      encoded(({ data, shape }) => ({ data: data.map((x) => 255 * x + 255), shape })),
      /root mean square .*; scale latents/,
    ],
    [
      'encodes values to finite latents of moderate size',
      encoded(({ data, shape }) => ({ data, shape: [...shape, 3] })),
      /gave 4 values for the shape \[4, 1, 3\]/,
    ],
    [
      'encodes values to finite latents of moderate size',
      encoded(({ data, shape }) => ({ data: data.map((x) => x + calls++), shape })),
      /encode gave two different latents for sample 0|root mean square/,
    ],
    [
      'decodes what it encoded',
      suite({ decode: async ({ data }) => Array.from(data, (x) => x / 2) }),
      /^Sample 0, encoded, decoded and encoded again, has .* the codec loses at most 0.01/,
    ],
    [
      'decodes what it encoded',
      suite({ decode: async ({ data }) => [...data, 0] }),
      /went from shape \[4, 1\] to \[5, 1\]/,
    ],
    [
      'decodes latents far out of range',
      suite({ decode: async ({ data }) => [...data] }),
      /50 out of range, gave a latent of root mean square 50; clamp in decode/,
    ],
    [
      'decodes latents far out of range',
      suite({
        decode: async ({ data }) => [...data],
        encode: async (raw) =>
          Array.isArray(raw) && raw.some((x) => Math.abs(x) > 1) ? refuse(raw) : line.encode(raw),
      }),
      /50 out of range, was decoded to a value that encode refuses \(TransfuseError: .*\); clamp in decode/,
    ],
    [
      'decodes latents far out of range',
      suite({
        decode: ({ data }) => (data.some((x) => Math.abs(x) > 1) ? refuse(data) : line.decode({ data, shape: [4, 1] })),
      }),
      /50 out of range, was refused by decode \(TransfuseError: .*\); clamp in decode/,
    ],
    [
      'decodes latents far out of range',
      suite({ decode: async () => [1] }),
      /^A latent of shape \[4, 1\], 50 out of range, came back as one of shape \[1, 1\]/,
    ],
    [
      'embeds to and predicts from the tokens of its grid',
      suite(
        // wrong at a shape that no sample has
        {
          predict: (...inputs) => {
            const prediction = line.predict(...inputs);
            return inputs[4][0] === 1 ? reshape(prediction, [-1, 1]) : prediction;
          },
        },
        { samples: [[0.1, -0.4, 0.9, 0.2]] },
      ),
      /^For a latent \[1, 1\] and a batch of 1 predict gave \[1, 1\]/,
    ],
    [
      'refuses what it cannot encode, in words',
      suite({ encode: async (raw) => ({ data: Float32Array.from(raw.slice()), shape: [raw.length, 1] }) }),
      /^encode\(undefined\) ended with TypeError/,
    ],
    [
      'refuses what it cannot encode, in words',
      suite({ tokenGrid: ([length = 0]) => [length] }),
      /^tokenGrid\(\[\]\) was accepted/,
    ],
    ['declares its weights and its grid of tokens', suite({ parameters: () => ({}) }), /declares nothing/],
    [
      'declares its weights and its grid of tokens',
      suite({ parameters: () => ({ ...spec, 'a b': spec['input.weight']! }) }),
      /"a b" is no name/,
    ],
    [
      'declares its weights and its grid of tokens',
      suite({ tokenGrid: ([length]) => [(length ?? refuse('')) / 8] }),
      /tokenGrid is \[0.5\]/,
    ],
    [
      'embeds to and predicts from the tokens of its grid',
      suite({ embed: (...inputs) => ({ tokens: reshape(line.embed(...inputs).tokens, [-1, 16]), skips: {} }) }),
      /embed gave tokens \[4, 16\]; with the grid \[4\] and width 16 it is \[1, 4, 16\]/,
    ],
    [
      'embeds to and predicts from the tokens of its grid',
      suite({ predict: (...inputs) => reshape(line.predict(...inputs), [-1, 1]) }),
      /predict gave \[4, 1\]/,
    ],
    [
      'treats every item of a batch by itself',
      suite({
        embed(params, noisy, time) {
          const centred = sub(noisy, mul(mean(noisy, 0, true), 0.5));
          return line.embed(params, centred, time);
        },
      }),
      /the tokens of an item changed with the rest of its batch/,
    ],
    [
      'knows how much noise there is',
      suite({ embed: (params, noisy, time) => line.embed(params, noisy, mul(time, 0)) }),
      /are the same at time 0.15 and 0.85/,
    ],
    [
      'lets gradients reach every weight and every number',
      suite({ parameters: () => ({ ...spec, 'unused.weight': spec['input.weight']! }) }),
      /no gradient reaches the parameter unused.weight; use it in embed or predict, or do not declare it/,
    ],
    [
      'lets gradients reach every weight and every number',
      suite({ embed: (params, noisy, time) => line.embed(params, mul(noisy, allButFirst(noisy.shape[1]!)), time) }),
      /embed ignores 2 of 8 numbers of the noisy latent/,
    ],
    [
      'has the gradients that finite differences measure',
      suite({ predict: (...inputs) => doubledWithWrongGradient(line.predict(...inputs)) }),
      /finite differences .*; an op in between has a wrong gradient, or kinks \(relu, abs, max\)/,
    ],
    [
      'embeds to and predicts from the tokens of its grid',
      suite({
        embed: (...inputs) => ({ ...line.embed(...inputs), skips: { coarse: inputs[1] } }),
        predict: (...inputs) => add(line.predict(...inputs), inputs[3]['fine']!),
      }),
      /^For a latent \[4, 1\] predict reads the skip "fine", which embed does not give; .* now hold "coarse"\.$/,
    ],
    [
      'embeds to and predicts from the tokens of its grid',
      suite({ predict: (...inputs) => mul(line.predict(...inputs), inputs[0]['gate.weight']!) }),
      /predict reads the parameter "gate\.weight", which parameters does not declare; declare it, or read "input\.weight", /,
    ],
    [
      'computes the same when it is compiled',
      suite({
        embed(params, noisy, time) {
          const { tokens } = line.embed(params, noisy, time);
          return { tokens: mul(tokens, 1 + tokens.dataSync()[0]!), skips: {} };
        },
      }),
      /cannot be compiled .*; embed and predict are pure functions/,
    ],
  ]);

  it('may look for a skip that is not there', async () => {
    const optional = suite({
      predict(...inputs) {
        const prediction = line.predict(...inputs);
        const fine = inputs[3]['fine'];
        return fine === undefined ? prediction : add(prediction, fine);
      },
    });
    expect((await optional.run()).failures).toEqual([]);
  });

  it('is found where it ignores the time against its declaration, either way', async () => {
    const ignoring = suite(
      { embed: (params, noisy, time) => line.embed(params, noisy, mul(time, 0)) },
      {
        time: 'ignored',
        knownFailures: { 'lets gradients reach every weight and every number': 'time.weight is idle' },
      },
    );
    expect((await ignoring.run()).failures).toEqual([]);
    expect((await suite({}, { time: 'ignored' }).run()).failures).toEqual([
      expect.stringMatching(/^ignores the time, as declared: .* remove `time: 'ignored'`\.$/),
    ]);
  });
});

describe('a broken plugin', () => {
  const contribution: Contribution<'noise-schedule'> = {
    kind: 'noise-schedule',
    name: 'straight',
    description: 'The straight path from data to noise.',
    configSchema: { type: 'object', additionalProperties: false, properties: { end: { type: 'number', default: 1 } } },
    create: (config) => ({ ...straightSchedule, config }),
  };
  const manifest = { name: 'acme', version: '1.0.0', api: '^1.0.0', provides: ['noise-schedule:straight'] };
  const suite = (broken: Partial<Plugin>) => checkPlugin({ manifest, contributions: [contribution], ...broken });
  const contributing = (broken: Partial<Contribution<'noise-schedule'>>) =>
    suite({ contributions: [{ ...contribution, ...broken }] });
  registerBroken(suite({}), [
    ['can be loaded by a host', suite({ manifest: { ...manifest, provides: [] } }), /^A host would refuse it: acme/],
    ['can be loaded by a host', suite({ manifest: { ...manifest, version: 'one' } }), /^A host would refuse it: acme/],
    [
      'says what each contribution is for',
      contributing({ description: '' }),
      /noise-schedule:straight is described as ""/,
    ],
    [
      'creates every contribution from the defaults of its schema',
      contributing({ configSchema: { type: 'object', required: ['end'], properties: { end: { type: 'number' } } } }),
      /its default settings break its own schema .*; give every field a default/,
    ],
    [
      'creates every contribution from the defaults of its schema',
      contributing({ create: () => ({ name: 'straight', config: {} }) as unknown as NoiseSchedule }),
      /whose at is missing; the contract of a noise-schedule wants a function/,
    ],
    [
      'creates every contribution from the defaults of its schema',
      contributing({ create: () => undefined as never }),
      /created undefined; create returns the noise-schedule itself/,
    ],
    [
      'creates contributions again from the settings they report',
      contributing({ create: () => ({ ...straightSchedule, config: { start: 0 } }) }),
      /the config it reports breaks its own schema/,
    ],
    [
      'creates contributions again from the settings they report',
      contributing({ create: ({ end }) => ({ ...straightSchedule, config: { end: (end as number) / 2 } }) }),
      /reports \{"end":0.25\} instead of \{"end":0.5\}; settings must lead back to themselves/,
    ],
    [
      'can be set up and disposed of',
      suite({
        setUp() {
          throw new Error('no network');
        },
      }),
      /^It threw Error: no network, where the contract wants that it can be set up and disposed of/,
    ],
  ]);
});

describe('a suite', () => {
  const suite = (options: CheckOptions, at = straightSchedule.at) =>
    checkNoiseSchedule(() => ({ ...straightSchedule, at }), options);
  const clamped = (time: number) => straightSchedule.at(time || 0);

  it('registers a test per check with the runner it is given', async () => {
    const titles: string[] = [];
    const bodies: (() => Promise<void>)[] = [];
    suite({ title: 'mine' }).register({
      describe: (title, body) => (titles.push(title), body()),
      it: (title, body) => (titles.push(title), bodies.push(body)),
    });
    expect(titles).toEqual(['mine', ...suite({}).checks.map(({ title }) => title)]);
    await expect(Promise.all(bodies.map((body) => body()))).resolves.toHaveLength(bodies.length);
  });

  it('reports every check, with the sentences of those that failed', async () => {
    const report = await suite({}, clamped).run();
    expect(report).toMatchObject({ title: 'noise schedule', outcome: 'failed' });
    expect(report.results.filter(({ outcome }) => outcome === 'passed')).toHaveLength(report.results.length - 1);
    expect(report.failures).toEqual([expect.stringMatching(/^refuses NaN as a time: at\(NaN\) was accepted/)]);
  });

  it('lets a declared failure pass, until the check holds', async () => {
    const knownFailures = { 'refuses NaN as a time': 'not needed here' };
    expect((await suite({ knownFailures }, clamped).run()).outcome).toBe('passed');
    expect((await suite({ knownFailures }).run()).failures).toEqual([
      'refuses NaN as a time: This is declared as a known failure (not needed here), but it holds: take it from knownFailures.',
    ]);
  });

  it('refuses to declare the failure of a check that it does not have', () => {
    expect(() => suite({ knownFailures: { 'refuses NaN': 'typo' } })).toThrow(
      expect.objectContaining({ code: 'config.invalid', place: 'knownFailures', found: '"refuses NaN"' }),
    );
  });

  it('turns whatever the checked thing throws into a sentence about the check', async () => {
    const broken = checkNoiseSchedule(() => Promise.reject(new RangeError('no such thing.')));
    const { failures } = await broken.run();
    expect(failures).toHaveLength(broken.checks.length);
    expect(failures[0]).toBe(
      'has a name and plain settings: It threw RangeError: no such thing, where the contract wants that it has a name and plain settings.',
    );
  });
});
