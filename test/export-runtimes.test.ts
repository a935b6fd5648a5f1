// An exported checkpoint, driven by runtimes that know nothing of Transfuse, against the model's own generation.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askPython, pythonProblem, runPython, webRuntime } from './support/export-drivers.ts';
import { caption, openExportScene } from './support/export-scene.ts';
import { largestDifference } from './support/tiny-numbers.ts';

const tokens = 12;
/** Another version of the runtime, with other kernels. */
const tolerance = 2e-4;

let scene: Awaited<ReturnType<typeof openExportScene>>;
beforeAll(async () => {
  scene = await openExportScene();
}, 120_000);
afterAll(() => scene.close());

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
    ] as const)('writes, draws and describes what the model does, in %s operators', async (form, words) => {
      const { out } = await scene.exportTo(form, ...words);
      const { adapter, picture } = scene;
      const raw = await adapter.decode({ data: picture, shape: adapter.defaultLatentShape });
      const { data: clean } = await adapter.encode(raw); // the model reads the picture in 8-bit pixels
      const found = askPython<PythonAnswer>({
        folder: out,
        write: { ids: scene.prompt, tokens },
        draw: scene.drawing,
        caption: { latent: Array.from(clean), tokens },
      });
      expect(found.write).toEqual(await scene.written([caption]));
      expect(largestDifference(found.draw, picture)).toBeLessThan(tolerance);
      expect(found.caption).toEqual(await scene.written([{ modality: 'image', value: raw }]));
      expect(found.write.length + found.caption.length).toBeGreaterThan(2);
    });

    it('finds portable files in order, whatever the weights', async () => {
      for (const weights of ['float32', 'float16', 'int8', 'int4']) {
        const { out } = await scene.exportTo(`checked-${weights}`, '--portable', '--weights', weights);
        expect(askPython<PythonAnswer>({ folder: out, check: true }).check).toEqual({ models: 3 });
      }
    });

    it('gets from integers what standard operators make of them, nearly', async () => {
      for (const weights of ['int8', 'int4']) {
        const [ours, standard] = await Promise.all([
          scene.exportTo(`ours-${weights}`, '--weights', weights),
          scene.exportTo(`standard-${weights}`, '--weights', weights, '--portable'),
        ]);
        const request = { write: { ids: scene.prompt, tokens: 1 } };
        const a = askPython<PythonAnswer>({ folder: ours.out, ...request }).logits;
        const b = askPython<PythonAnswer>({ folder: standard.out, ...request }).logits;
        expect(largestDifference(a, b) / Math.max(...b.map(Math.abs))).toBeLessThan(0.05);
      }
    });

    it('runs the example of the guide', async () => {
      await scene.exportTo('onnx');
      const guide = await readFile(new URL('../docs/export.md', import.meta.url), 'utf8');
      const example = /^```python\n(.*?)^```/ms.exec(guide)![1]!;
      const ids = runPython<number[]>(['-c', example, JSON.stringify(scene.prompt)], '', scene.folder);
      const written = await scene.written([caption], 8);
      const { offset } = scene.model.model.vocabulary.discrete['text']!;
      expect(ids.slice(0, scene.prompt.length)).toEqual(scene.prompt);
      expect(ids.slice(scene.prompt.length, scene.prompt.length + written.length).map((id) => id - offset)).toEqual(
        written,
      );
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
    ] as const)('reads a prompt as the model does, in %s form', async (form, words) => {
      const { out } = await scene.exportTo(`web-${form}`, ...words);
      const { InferenceSession, Tensor } = webRuntime!;
      const bytes = await readFile(join(out, 'prefix.onnx'));
      const session = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
      const results = await session.run({
        'input/ids': new Tensor(
          'int32',
          Int32Array.from({ length: 96 }, (_, at) => scene.prompt[at] ?? 0),
          [96],
        ),
        'input/asked': new Tensor('int32', Int32Array.of(scene.prompt.length - 1), [1]),
      });
      const logits = results['output/logits']!.data.slice();
      await session.release();
      const [first] = await scene.written([caption], 1);
      const { offset, size } = scene.model.model.vocabulary.discrete['text']!;
      const own = logits.subarray(offset, offset + size);
      expect(own.indexOf(Math.max(...own))).toBe(first);
    });
  },
);
