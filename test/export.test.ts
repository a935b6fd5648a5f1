// An exported checkpoint, driven by runtimes that know nothing of Transfuse, against the model's own generation.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createHost, type GenerationEvent, type Host, type LoadedModel, type PromptItem } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createNoiseSource } from '@transfuse/core/generation';
import { diffusion } from '@transfuse/plugins';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../packages/cli/src/program.ts';
import { recordSurroundings } from '../packages/cli/src/testing/recorded-surroundings.ts';
import { trainTinyModel } from './docs/tiny-checkpoint.ts';
import { askPython, pythonProblem, runPython, webRuntime } from './support/export-drivers.ts';
import { largestDifference } from './support/tiny-numbers.ts';

const caption = 'red heart, noto style';
const [seed, guidance] = [7, 2.5];
const tokens = 12;
/** Another version of the runtime, with other kernels. */
const tolerance = 2e-4;

let folder: string;
let checkpoint: string;
let host: Host;
let model: LoadedModel;
let prompt: readonly number[];
let picture: Float32Array;

const exportTo = async (name: string, ...options: string[]) => {
  const out = join(folder, name);
  const surroundings = recordSurroundings();
  const exitCode = await runProgram(['export', checkpoint, '--out', out, '--capacity', '96', ...options], surroundings);
  return { out, exitCode, ...surroundings.written };
};

async function eventsOf(items: readonly PromptItem[], options = {}): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of model.generate(items, {
    seed,
    temperature: 0,
    guidance,
    maximumTokens: tokens,
    ...options,
  })) {
    events.push(event);
  }
  return events;
}
const idsIn = (events: readonly GenerationEvent[]) =>
  events.flatMap((event) => (event.type === 'token' ? [event.id] : []));
const pictureIn = (events: readonly GenerationEvent[]) =>
  events.findLast((event) => event.type === 'step')!.state.sampler.latent;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-export-'));
  await trainTinyModel(folder);
  checkpoint = join(folder, 'checkpoint');
  host = await createHost({
    plugins: [text, image, diffusion],
    engine: createCompiledEngine({ threads: 1 }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  model = await host.load(checkpoint);
  const { beginDocument, discrete } = model.model.vocabulary;
  prompt = [beginDocument, ...model.model.discrete['text']!.encode(caption)].map((id, index) =>
    index === 0 ? id : id + discrete['text']!.offset,
  );
  picture = pictureIn(await eventsOf([caption, { want: 'image' }]));
}, 120_000);
afterAll(async () => {
  await host.dispose();
  await rm(folder, { recursive: true });
});

/** What a driver is asked for the picture that the model draws for the caption. */
function drawing() {
  const { beginDocument, droppedCaption, blocks } = model.model.vocabulary;
  const { begin } = blocks['image']!;
  const shape = model.model.continuous['image']!.defaultLatentShape;
  const noise = Array.from(createNoiseSource('transfuse', seed, 0).draw(shape));
  return { ids: [...prompt, begin], dropped: [beginDocument, droppedCaption, begin], noise, guidance };
}

describe('transfuse export', () => {
  it('writes the functions, the tokenizer and how to drive them', async () => {
    const { out, exitCode, stdout, stderr } = await exportTo('plain');
    expect([exitCode, stderr]).toEqual([0, '']);
    const names = await readdir(out);
    expect(names.toSorted()).toEqual([
      'diffusion-step-image.onnx',
      'prefix.onnx',
      'text-step.onnx',
      'tokenizer.json',
      'transfuse-export.json',
    ]);
    for (const name of names) expect(stdout).toContain(join(out, name));
    expect(await readFile(join(out, 'tokenizer.json'))).toEqual(await readFile(join(checkpoint, 'tokenizer.json')));
    const about = JSON.parse(await readFile(join(out, 'transfuse-export.json'), 'utf8')) as Record<string, never>;
    expect(about).toMatchObject({
      format: 'transfuse-export',
      weights: 'float32',
      vocabulary: { ...model.model.vocabulary },
      sizes: { prefix: 96, capacity: 96, branches: 2 },
      diffusion: { prediction: 'sample', steps: 4, evaluations: [{ time: 1 }, {}, {}, {}] },
      diffusionSteps: { image: { latentShape: [16, 16, 3], file: 'diffusion-step-image.onnx' } },
      textStep: { file: 'text-step.onnx' },
    });
    for (const { meaning } of [...about['textStep']['inputs'], ...about['textStep']['outputs']] as {
      meaning: string;
    }[]) {
      expect(meaning).not.toBe('');
    }
  });

  it('replaces an earlier export, and nothing else', async () => {
    expect((await exportTo('twice', '--branches', '1')).exitCode).toBe(0);
    expect((await exportTo('twice')).exitCode).toBe(0);
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const { exitCode, stderr } = await exportTo('.');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[file.unwritable]');
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it.each([
    [['--prefix', '97'], 'export, prefix: found 97, expected a whole number from 1 to 96'],
    [['--branches', '17'], 'export, branches: found 17'],
    [['--weights', 'int3'], "argument 'int3' is invalid"],
  ])('refuses %j', async (options, message) => {
    const { exitCode, stderr } = await exportTo('refused', ...options);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

interface PythonAnswer {
  readonly logits: readonly number[];
  readonly write: readonly number[];
  readonly draw: readonly number[];
  readonly caption: readonly number[];
  readonly check: { readonly models: number };
}

describe.skipIf(pythonProblem !== undefined)(
  `Python${pythonProblem === undefined ? '' : `, not tested: ${pythonProblem}`}`,
  () => {
    it.each([
      ['runtime', []],
      ['portable', ['--portable']],
    ] as const)('writes, draws and describes what the model does, in %s operators', async (form, options) => {
      const { out } = await exportTo(form, ...options);
      const found = askPython<PythonAnswer>({
        folder: out,
        write: { ids: prompt, tokens },
        draw: drawing(),
        caption: { latent: Array.from(picture), tokens },
      });
      expect(found.write).toEqual(idsIn(await eventsOf([caption, { want: 'text' }])));
      expect(largestDifference(found.draw, picture)).toBeLessThan(tolerance);
      const { decode } = model.model.continuous['image']!;
      const shape = model.model.continuous['image']!.defaultLatentShape;
      const raw = await decode.call(model.model.continuous['image'], { data: picture, shape });
      const described = idsIn(await eventsOf([{ modality: 'image', value: raw }, { want: 'text' }]));
      // The model read the picture in 8-bit pixels; so does Python.
      const { data } = await model.model.continuous['image']!.encode(raw);
      const again = askPython<PythonAnswer>({ folder: out, caption: { latent: Array.from(data), tokens } });
      expect(again.caption).toEqual(described);
    });

    it('finds portable files in order, whatever the weights', async () => {
      for (const weights of ['float32', 'float16', 'int8', 'int4']) {
        const { out } = await exportTo(`checked-${weights}`, '--portable', '--weights', weights);
        expect(askPython<PythonAnswer>({ folder: out, check: true }).check).toEqual({ models: 3 });
      }
    });

    it('gets from integers what standard operators make of them, nearly', async () => {
      for (const weights of ['int8', 'int4']) {
        const [ours, standard] = await Promise.all([
          exportTo(`ours-${weights}`, '--weights', weights),
          exportTo(`standard-${weights}`, '--weights', weights, '--portable'),
        ]);
        const request = { write: { ids: prompt, tokens: 1 } };
        const a = askPython<PythonAnswer>({ folder: ours.out, ...request }).logits;
        const b = askPython<PythonAnswer>({ folder: standard.out, ...request }).logits;
        expect(largestDifference(a, b) / Math.max(...b.map(Math.abs))).toBeLessThan(0.05);
      }
    });

    it('runs the example of the guide', async () => {
      await exportTo('onnx');
      const guide = await readFile(new URL('../docs/export.md', import.meta.url), 'utf8');
      const example = /^```python\n(.*?)^```/ms.exec(guide)![1]!;
      const ids = runPython<number[]>(['-c', example, JSON.stringify(prompt)], '', folder);
      const written = idsIn(await eventsOf([caption, { want: 'text' }], { maximumTokens: 8 }));
      const { offset } = model.model.vocabulary.discrete['text']!;
      expect(ids.slice(0, prompt.length)).toEqual(prompt);
      expect(ids.slice(prompt.length, prompt.length + written.length).map((id) => id - offset)).toEqual(written);
      expect(written.length).toBeGreaterThan(0);
    });
  },
);

describe.skipIf(webRuntime === undefined)(
  `the web's runtime${webRuntime === undefined ? ', not tested: onnxruntime-web is not installed' : ''}`,
  () => {
    it.each([
      ['runtime', []],
      ['portable', ['--portable']],
      ['int8', ['--weights', 'int8']],
    ] as const)('reads a prompt as the model does, in %s form', async (form, options) => {
      const { out } = await exportTo(`web-${form}`, ...options);
      const { InferenceSession, Tensor } = webRuntime!;
      const bytes = await readFile(join(out, 'prefix.onnx'));
      const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      const results = await session.run({
        'input/ids': new Tensor(
          'int32',
          Int32Array.from({ length: 96 }, (_, at) => prompt[at] ?? 0),
          [96],
        ),
        'input/asked': new Tensor('int32', Int32Array.of(prompt.length - 1), [1]),
      });
      const logits = results['output/logits']!.data.slice();
      await session.release();
      const [first] = (await eventsOf([caption, { want: 'text' }], { maximumTokens: 1 })).filter(
        ({ type }) => type === 'token',
      );
      if (first?.type !== 'token') throw new Error('nothing was written');
      const { offset, size } = model.model.vocabulary.discrete['text']!;
      const own = logits.subarray(offset, offset + size);
      expect(own.indexOf(Math.max(...own))).toBe(first.id);
    });
  },
);
