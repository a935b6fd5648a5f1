// Exporting a checkpoint from the command line, and loading one with its weights stored smaller.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../packages/cli/src/program.ts';
import { recordSurroundings } from '../packages/cli/src/testing/recorded-surroundings.ts';
import { caption, openExportScene, options } from './support/export-scene.ts';
import { largestDifference } from './support/tiny-numbers.ts';

let scene: Awaited<ReturnType<typeof openExportScene>>;
beforeAll(async () => {
  scene = await openExportScene();
}, 120_000);
afterAll(() => scene.close());

describe('transfuse export', () => {
  it('writes the functions, the tokenizer and how to drive them', async () => {
    const { out, exitCode, stdout, stderr } = await scene.exportTo('plain');
    expect([exitCode, stderr]).toEqual([0, '']);
    const names = await readdir(out);
    expect(names.toSorted()).toEqual([
      'diffusion-step-image-16x16x3.onnx',
      'prefix.onnx',
      'text-step.onnx',
      'tokenizer.json',
      'transfuse-export.json',
    ]);
    for (const name of names) expect(stdout).toContain(join(out, name));
    expect(await readFile(join(out, 'tokenizer.json'))).toEqual(
      await readFile(join(scene.checkpoint, 'tokenizer.json')),
    );
    const about = JSON.parse(await readFile(join(out, 'transfuse-export.json'), 'utf8')) as Record<string, never>;
    expect(about).toMatchObject({
      format: 'transfuse-export',
      weights: 'float32',
      vocabulary: { ...scene.model.model.vocabulary },
      sizes: { prefix: 96, capacity: 96, branches: 2 },
      diffusion: { prediction: 'sample', steps: 4, evaluations: [{ time: 1 }, {}, {}, {}] },
      diffusionSteps: {
        'image 16x16x3': { modality: 'image', latentShape: [16, 16, 3], file: 'diffusion-step-image-16x16x3.onnx' },
      },
      textStep: { file: 'text-step.onnx' },
    });
    for (const { meaning } of [...about['textStep']['inputs'], ...about['textStep']['outputs']] as {
      meaning: string;
    }[]) {
      expect(meaning).not.toBe('');
    }
  });

  it('replaces an earlier export, and nothing else', async () => {
    expect((await scene.exportTo('twice', '--branches', '1')).exitCode).toBe(0);
    expect((await scene.exportTo('twice')).exitCode).toBe(0);
    await writeFile(join(scene.folder, 'notes.txt'), 'mine');
    const { exitCode, stderr } = await scene.exportTo('.');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('[file.unwritable]');
    expect(await readFile(join(scene.folder, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it.each([
    [['--prefix', '97'], 'export, prefix: found 97, expected a whole number from 1 to 96'],
    [['--branches', '17'], 'export, branches: found 17'],
    [['--weights', 'int3'], "argument 'int3' is invalid"],
  ])('refuses %j', async (words, message) => {
    const { exitCode, stderr } = await scene.exportTo('refused', ...words);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('a checkpoint loaded with smaller weights', () => {
  it.each(['float16', 'int8'] as const)('draws nearly the same picture at %s', async (weights) => {
    const small = await scene.host.load(scene.checkpoint, { weights });
    let latent = new Float32Array(0);
    for await (const event of small.generate([caption, { want: 'image' }], options)) {
      if (event.type === 'step') latent = event.state.sampler.latent.slice();
    }
    await small.dispose();
    const difference = largestDifference(latent, scene.picture);
    expect(difference).toBeGreaterThan(0);
    expect(difference / Math.max(...scene.picture.map(Math.abs))).toBeLessThan(0.05);
  });

  it('is refused where the format is none', async () => {
    await expect(scene.host.load(scene.checkpoint, { weights: 'int3' as 'int4' })).rejects.toMatchObject({
      code: 'config.invalid',
      place: 'options.weights',
    });
  });

  it('is what the command line loads with --weights, on the compiled engine alone', async () => {
    const words = ['generate', scene.checkpoint, caption, '--want', 'text', '--max-tokens', '4', '--out', scene.folder];
    const surroundings = recordSurroundings();
    expect(await runProgram([...words, '--weights', 'int8'], surroundings)).toBe(0);
    expect(await runProgram([...words, '--weights', 'int8', '--engine', 'eager'], surroundings)).toBe(2);
    expect(surroundings.written.stderr).toContain('"int8" with the eager engine');
  });
});
