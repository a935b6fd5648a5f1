import type { Sampler } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createEulerSampler } from '@transfuse/plugins/samplers';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { generate } from '../packages/core/src/generation/generate.ts';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import { createNoiseSource } from '../packages/core/src/generation/noise-source.ts';
import { exportModel } from '../packages/core/src/host/export-model.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { largestDifference, waveParameters } from './support/tiny-numbers.ts';
import { shapelyPictures, shapelySounds } from './support/tiny-shapes.ts';
import { letters } from './support/tiny-text.ts';

// An exported model of several shapes, driven by what transfuse-export.json says and nothing else.

/** What of the description a driver reads. */
interface Description {
  readonly vocabulary: {
    readonly beginDocument: number;
    readonly blocks: Readonly<Record<string, { begin: number; end: number; shape: 'fixed' | 'told' }>>;
    readonly sizes: { readonly offset: number; readonly count: number };
  };
  readonly sizes: Readonly<Record<'capacity' | 'layers' | 'keyValueHeads' | 'headSize' | 'prefix', number>>;
  readonly positions: { readonly kind: 'sequence' | 'axial'; readonly axes: number };
  readonly prefix: Part;
  readonly textStep: Part;
  readonly diffusionSteps: Readonly<Record<string, Block>>;
  readonly diffusion: { readonly evaluations: readonly Evaluation[] };
}
interface Part {
  readonly file: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}
interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly meaning: string;
}
interface Evaluation {
  readonly time: number;
  readonly alpha: number;
  readonly sigma: number;
  readonly velocity: { readonly clean: number; readonly noise: number };
}
interface Block extends Part {
  readonly modality: string;
  readonly latentShape: readonly number[];
  readonly grid: readonly number[];
  readonly tokens: number;
  readonly evaluations: readonly Evaluation[];
}

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

const ints = (shape: readonly number[], data: readonly number[]) => new Tensor('int32', Int32Array.from(data), shape);
const floats = (shape: readonly number[], data: Float32Array) => new Tensor('float32', data, shape);

/** Reads a sequence against one cache. */
async function openDriver(about: Description, files: Readonly<Record<string, Uint8Array>>) {
  const { capacity, layers, keyValueHeads, headSize, prefix: longest } = about.sizes;
  const { axes } = about.positions;
  const names = Array.from({ length: layers }, (_, layer) => [`keys.${layer}`, `values.${layer}`]).flat();
  const cache = new Map(names.map((name) => [name, new Float32Array(keyValueHeads * capacity * headSize)]));
  let length = 0;
  const run = async ({ file, inputs }: Part, feeds: Record<string, Tensor>) => {
    const session = await InferenceSession.create(files[file]!);
    const mask = new Float32Array(capacity).fill(-1e9).fill(0, 0, length);
    const all: Record<string, Tensor> = { ...feeds, 'input/prefixMask': floats([1, 1, 1, capacity], mask) };
    for (const [name, data] of cache) all[`input/${name}`] = floats([1, keyValueHeads, capacity, headSize], data);
    const used = Object.fromEntries(
      inputs.map(({ name, shape }) => {
        expect([name, all[name]!.dims]).toEqual([name, shape]);
        return [name, all[name]!];
      }),
    );
    return session.run(used);
  };
  const append = (outputs: Awaited<ReturnType<typeof run>>, count: number) => {
    for (const [name, array] of cache) {
      const { data, dims } = outputs[`output/${name}`]!;
      for (let head = 0; head < keyValueHeads; head++) {
        const from = head * dims[2]! * headSize;
        const own = (data as Float32Array).subarray(from, from + count * headSize);
        array.set(own, (head * capacity + length) * headSize);
      }
    }
    length += count;
  };
  /** One place for every axis, or rows of them: without the axes where there is one. */
  const placed = (places: readonly (readonly number[])[]) =>
    ints(
      axes === 1 ? [1, places.length] : [axes, 1, places.length],
      Array.from({ length: axes }, (_, axis) => places.map((place) => place[axis]!)).flat(),
    );
  const blockFeeds = ({ grid, tokens, latentShape }: Block, latent: Float32Array, time: number) => {
    const places = Array.from({ length: tokens }, (_, token) => {
      if (about.positions.kind === 'sequence') return [length + token];
      // The last axes are the grid's, in raster order; the first ones stand still.
      const place = Array<number>(axes).fill(length);
      let rest = token;
      for (let axis = grid.length - 1; axis >= 0; axis--) {
        place[axes - grid.length + axis]! += rest % grid[axis]!;
        rest = Math.floor(rest / grid[axis]!);
      }
      return place;
    });
    return {
      'input/latent': floats([1, ...latentShape], latent),
      'input/time': floats([1], Float32Array.of(time)),
      'input/positions': placed(places),
    };
  };
  return {
    async readPrompt(ids: readonly number[]) {
      const padded = [...ids, ...Array<number>(longest - ids.length).fill(0)];
      const outputs = await run(about.prefix, {
        'input/ids': ints([longest], padded),
        'input/asked': ints([1], [ids.length - 1]),
      });
      append(outputs, ids.length);
    },
    async readToken(id: number) {
      const outputs = await run(about.textStep, {
        'input/ids': ints([1], [id]),
        'input/positions': placed([Array<number>(axes).fill(length)]),
      });
      append(outputs, 1);
      return outputs['output/logits']!.data as Float32Array;
    },
    predict: async (block: Block, latent: Float32Array, time: number) =>
      (await run(block, blockFeeds(block, latent, time)))['output/prediction']!.data as Float32Array,
    async readBlock(block: Block, latent: Float32Array) {
      append(await run(block, blockFeeds(block, latent, 0)), block.tokens);
    },
  };
}

describe.each(['sequence', 'axial'] as const)('an export of several shapes, positions %s', (positions) => {
  const { model, parameters, diffusion, exported } = sceneOf(positions);

  it('says all that it takes to draw what the model draws, one value after another', { timeout: 60_000 }, async () => {
    const { files } = await exported();
    const about = JSON.parse(new TextDecoder().decode(files['transfuse-export.json'])) as Description;
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

    const driver = await openDriver(about, files);
    const { beginDocument, blocks, sizes } = about.vocabulary;
    await driver.readPrompt([beginDocument, 1, 0, 3]);
    for (const [number, kind] of ['image 4x6x3', 'sound 5x2'].entries()) {
      const block = about.diffusionSteps[kind]!;
      const { begin, end, shape } = blocks[block.modality]!;
      await driver.readToken(begin);
      for (const size of shape === 'told' ? block.grid : []) await driver.readToken(sizes.offset + size - 1);
      let latent = createNoiseSource('transfuse', 4, number).draw(block.latentShape);
      for (const [index, { time, alpha, sigma, velocity }] of block.evaluations.entries()) {
        const next = block.evaluations[index + 1] ?? { alpha: 1, sigma: 0 };
        const output = await driver.predict(block, latent, time);
        const determinant = velocity.clean * sigma - velocity.noise * alpha;
        latent = latent.map((x, i) => {
          const clean = (sigma * output[i]! - velocity.noise * x) / determinant;
          const noise = (velocity.clean * x - alpha * output[i]!) / determinant;
          return next.alpha * clean + next.sigma * noise;
        });
      }
      expect(largestDifference(latent, drawn[number]!)).toBeLessThan(1e-3);
      await driver.readBlock(block, latent);
      await driver.readToken(end);
    }
  });

  it('says what every input and output is', async () => {
    const about = (await exported()).description as unknown as Description;
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
  const about = (await sceneOf('sequence', shifting).exported()).description as unknown as Description;
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
