// An exported checkpoint, driven by runtimes that know nothing of Transfuse, against the model's own generation and the
// numbers that its functions give on the host's engine.
import { readdir, readFile } from 'node:fs/promises';
import type { HostTensor } from '@transfuse/core/contracts';
import type { WeightFormat } from '@transfuse/core/engine';
import { createModelRunner, createNoiseSource, type KeyValueCache } from '@transfuse/core/generation';
import { readFolderWhole } from '@transfuse/core/training';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLayout } from '../packages/core/src/generation/branch-layout.ts';
import { expectClose, type Tolerance } from './support/engine-closeness.ts';
import { askPython, pythonPart, runPython, webPart, webRuntime } from './support/export-drivers.ts';
import { caption, openExportScene } from './support/export-scene.ts';
import { testPart } from './support/missing-part-test.ts';
import { type DrivenCache, openExport } from './support/onnx-driver.ts';
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

testPart(pythonPart, () => runPython<number>(['-c', 'print(1)']) === 1);

describe.skipIf(pythonPart.problem !== undefined)('Python', () => {
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
});

const ofFloats: Tolerance = { relative: 1e-4 };
/** Products with integers round the other factor to 8 bits too, each build of the runtime in its own way. */
const ofIntegers: Tolerance = { absolute: 0.02 };

testPart(webPart, () => webRuntime !== undefined);

describe.skipIf(webPart.problem !== undefined)('the web’s runtime', () => {
  it.each<{ form: string; words: readonly string[]; weights: WeightFormat; tolerance: Tolerance }>([
    { form: 'float32', words: [], weights: 'float32', tolerance: ofFloats },
    { form: 'portable float32', words: ['--portable'], weights: 'float32', tolerance: ofFloats },
    { form: 'float16', words: ['--weights', 'float16'], weights: 'float16', tolerance: ofFloats },
    { form: 'int8', words: ['--weights', 'int8'], weights: 'int8', tolerance: ofIntegers },
    { form: 'int4', words: ['--weights', 'int4'], weights: 'int4', tolerance: ofIntegers },
  ])('computes in every file what the host’s engine does: $form', async ({ form, words, weights, tolerance }) => {
    const { out } = await scene.exportTo(`web ${form}`, ...words);
    const driver = openExport((await readFolderWhole(out))!, webRuntime!, 'wasm');
    const runner = createModelRunner(scene.model.model, scene.host.engine, scene.parameters, { weights });
    const { sizes, diffusionSteps, vocabulary } = driver.about;
    const expectSame = (found: Float32Array, wanted: Float32Array, what: string) =>
      expectClose(vector(found), vector(wanted), what, tolerance);
    const expectSameCache = (found: DrivenCache, wanted: KeyValueCache, when: string) => {
      expect(found.length).toBe(wanted.length);
      const own = wanted.feeds();
      for (const [name, array] of Object.entries(found.arrays)) {
        const filled = (entries: Float32Array, capacity: number) =>
          entries.filter((_, at) => Math.floor(at / sizes.headSize) % capacity < wanted.length);
        expectSame(filled(array, sizes.capacity), filled(own[name]!, wanted.capacity), `${name} after ${when}`);
      }
    };

    const found: DrivenCache[] = [];
    const wanted: KeyValueCache[] = [];
    for (const prompt of [scene.drawing.ids, scene.drawing.dropped]) {
      const [theirs, ours] = [await driver.readPrompt(prompt), await runner.startCache(openLayout(prompt, []))];
      expectSame(theirs.logits, ours.logits, 'logits after a prompt');
      expectSameCache(theirs.cache, ours.cache, 'a prompt');
      found.push(theirs.cache);
      wanted.push(ours.cache);
    }
    for (const block of Object.values(diffusionSteps)) {
      const { modality, latentShape, evaluations } = block;
      const latent = createNoiseSource('transfuse', 3, 0).draw(latentShape);
      const reader = await runner.startBlock(modality, latentShape, wanted);
      for (const { time } of evaluations) {
        const theirs = await driver.predict(block, found, latent, time);
        const ours = await reader.predict(latent, time);
        ours.forEach((own, branch) => expectSame(theirs[branch]!, own, `prediction ${branch} at ${time}`));
      }
      await driver.readBlock(found[0]!, block, latent);
      await runner.readBlock(wanted[0]!, modality, { data: latent, shape: latentShape });
      expectSameCache(found[0]!, wanted[0]!, 'a block');
      const { end } = vocabulary.blocks[modality]!;
      const [theirs, ours] = [await driver.readToken(found[0]!, end), await runner.readToken(wanted[0]!, end)];
      expectSame(theirs, ours, 'logits after a token');
      expectSameCache(found[0]!, wanted[0]!, 'a token');
    }
    const files = (await readdir(out)).filter((name) => name.endsWith('.onnx'));
    expect(driver.opened().toSorted()).toEqual(files.toSorted());
    await driver.close();
    await runner.dispose();
  });
});

function vector(data: Float32Array): HostTensor {
  return { data, shape: [data.length], dtype: 'float32' };
}
