import type { Sampler } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createEulerSampler } from '@transfuse/plugins/samplers';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import * as onnxruntime from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { generate } from '../packages/core/src/generation/generate.ts';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import { createNoiseSource } from '../packages/core/src/generation/noise-source.ts';
import { exportModel } from '../packages/core/src/host/export-model.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { type ExportDescription, type OnnxRuntime, openExport } from './support/onnx-driver.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters } from './support/tiny-numbers.ts';
import { shapelyPictures, shapelySounds } from './support/tiny-shapes.ts';
import { letters } from './support/tiny-text.ts';

// An exported model of several shapes, driven by what transfuse-export.json says and nothing else.

const engine = createCompiledEngine({ threads: 1 });

function sceneOf(positions: 'sequence' | 'axial', sampler: Sampler = createEulerSampler()) {
  const model = defineModel(
    tinyTransformer({ sequenceLength: 48, positions }),
    [letters(8), shapelyPictures(), shapelySounds()],
    { toldShapes: ['image'] },
  );
  const parameters = engine.createStore(waveParameters(model.parameters));
  const diffusion = {
    schedule: createFlowMatchingSchedule(),
    sampler,
    prediction: 'velocity' as const,
    steps: 3,
    guiders: [],
  };
  const config = {
    objective: { schedule: { name: 'flow-matching' } },
    sampling: { sampler: { name: 'euler' }, guidance: 1 },
    modalities: {},
  } as never;
  const exported = () => exportModel({ model, config, parameters, diffusion }, { branches: 1, prefix: 8 });
  return { model, parameters, diffusion, exported };
}

describe.each(['sequence', 'axial'] as const)('an export of several shapes, positions %s', (positions) => {
  const { model, parameters, diffusion, exported } = sceneOf(positions);

  it('says all that it takes to draw what the model draws, one value after another', { timeout: 60_000 }, async () => {
    const { files } = await exported();
    const drawn: Float32Array[] = [];
    const wants = [
      { want: 'image', size: { width: 6, height: 4 } },
      { want: 'sound', size: { moments: 5 } },
    ];
    const runner = createModelRunner(model, engine, parameters);
    for await (const event of generate(runner, diffusion, ['bad', ...wants], { seed: 4 })) {
      if (event.type === 'segment' && event.modality !== 'text')
        drawn.push((event.value as { data: Float32Array }).data);
    }

    const driver = openExport(files, onnxruntime as unknown as OnnxRuntime, 'cpu');
    const { vocabulary, diffusionSteps } = driver.about;
    const { beginDocument, blocks, sizes } = vocabulary;
    const { cache } = await driver.readPrompt([beginDocument, 1, 0, 3]);
    for (const [number, kind] of ['image 4x6x3', 'sound 5x2'].entries()) {
      const block = diffusionSteps[kind]!;
      const { begin, end, shape } = blocks[block.modality]!;
      await driver.readToken(cache, begin);
      for (const size of shape === 'told' ? block.grid : []) await driver.readToken(cache, sizes.offset + size - 1);
      let latent = createNoiseSource('transfuse', 4, number).draw(block.latentShape);
      for (const [index, { time, alpha, sigma, velocity }] of block.evaluations.entries()) {
        const next = block.evaluations[index + 1] ?? { alpha: 1, sigma: 0 };
        const [output] = await driver.predict(block, [cache], latent, time);
        const determinant = velocity.clean * sigma - velocity.noise * alpha;
        latent = latent.map((x, i) => {
          const clean = (sigma * output![i]! - velocity.noise * x) / determinant;
          const noise = (velocity.clean * x - alpha * output![i]!) / determinant;
          return next.alpha * clean + next.sigma * noise;
        });
      }
      expect(largestDifference(latent, drawn[number]!)).toBeLessThan(1e-3);
      await driver.readBlock(cache, block, latent);
      await driver.readToken(cache, end);
    }
    await driver.close();
  });

  it('says what every input and output is', async () => {
    const about = (await exported()).description as unknown as ExportDescription;
    expect(about.positions).toEqual({ kind: positions, axes: positions === 'axial' ? 2 : 1 });
    const block = about.diffusionSteps['image 6x2x3']!;
    expect(block.grid).toEqual([3, 1]);
    for (const { inputs, outputs } of [about.prefix, about.textStep, block]) {
      for (const { name, meaning } of [...inputs, ...outputs]) expect(meaning, name).not.toBe('');
    }
    const { meaning } = about.textStep.inputs.find(({ name }) => name === 'input/positions')!;
    expect(meaning).toContain(positions === 'axial' ? 'axis' : 'sequence');
  });
});

it('plans the evaluations of every shape for its own number of tokens', async () => {
  const straight = createEulerSampler();
  const shifting: Sampler = {
    ...straight,
    begin(schedule, request) {
      if (request.tokens === undefined || request.prediction === undefined) throw new Error('how many tokens of what?');
      return straight.begin(schedule, { ...request, steps: request.tokens });
    },
  };
  const about = (await sceneOf('sequence', shifting).exported()).description as unknown as ExportDescription;
  const counts = Object.values(about.diffusionSteps).map(({ tokens, evaluations }) => [tokens, evaluations.length]);
  expect(counts).toEqual([
    [4, 4],
    [6, 6],
    [3, 3],
    [3, 3],
    [5, 5],
  ]);
  expect(about.diffusion.evaluations).toHaveLength(4);
});
