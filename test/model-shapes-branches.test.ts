import type { Branch, Guider } from '@transfuse/core/contracts';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createEulerSampler } from '@transfuse/plugins/samplers';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branchLayout, openLayout } from '../packages/core/src/generation/branch-layout.ts';
import { generate } from '../packages/core/src/generation/generate.ts';
import type { GenerateOptions } from '../packages/core/src/generation/generation-options.ts';
import { createModelRunner } from '../packages/core/src/generation/model-runner.ts';
import type { PromptItem } from '../packages/core/src/generation/prompt.ts';
import { defineModel } from '../packages/core/src/model/transfusion-model.ts';
import { layOutDocument } from '../packages/core/src/sequence/document-layout.ts';
import { textOf } from './support/tiny-batch.ts';
import { tinyTransformer } from './support/tiny-model.ts';
import { waveParameters } from './support/tiny-numbers.ts';
import { latentOf, pictureShapes, shapelyPictures, shapelySounds, soundShapes } from './support/tiny-shapes.ts';
import { letters } from './support/tiny-text.ts';
import { expectSameTold, tell, type Told } from './support/told-events.ts';

// Guidance over blocks of several shapes: every branch is a sequence of its own, with headers, positions and a cache
// of its own length; whatever stands in the prompt, reading against caches is reading the whole.

const engine = createCompiledEngine({ threads: 1 });
const branches: readonly Branch[] = ['without-text', 'without-blocks', 'unconditional', 'weak'];
const away = (branch: Branch, scale: number): Guider => ({
  name: `away from ${branch}`,
  config: { scale },
  branches: [branch],
  guide: ({ outputs, guided }) => ({
    guided: guided.map((value, i) => value + scale * (outputs.conditional[i]! - outputs[branch]![i]!)),
  }),
});

describe.each([
  { positions: 'sequence', shapes: 'fixed' },
  { positions: 'axial', shapes: 'told' },
] as const)('guidance away from every branch, positions $positions, shapes $shapes', ({ positions, shapes }) => {
  const modelOf = (depth: number) =>
    defineModel(
      tinyTransformer({ depth, sequenceLength: 200, positions }),
      [letters(8), shapelyPictures(), shapelySounds()],
      shapes === 'told' ? { toldShapes: ['image', 'sound'] } : {},
    );
  const runnerOf = (depth: number) => {
    const model = modelOf(depth);
    return createModelRunner(model, engine, engine.createStore(waveParameters(model.parameters)));
  };
  const runner = runnerOf(2);
  const weak = runnerOf(1);
  const told = async (prompt: readonly PromptItem[], options: GenerateOptions): Promise<Told[]> => {
    const events: Told[] = [];
    const flow = {
      schedule: createFlowMatchingSchedule(),
      sampler: createEulerSampler(),
      prediction: 'velocity' as const,
      steps: 2,
      guiders: branches.map((branch) => away(branch, 0.5)),
    };
    for await (const event of generate(runner, flow, prompt, { ...options, weak })) events.push(await tell(event));
    return events;
  };

  const text = fc.string({ unit: fc.constantFrom(...'abcdefgh'), minLength: 1, maxLength: 40 });
  const value = fc.oneof(
    fc.tuple(fc.nat(2), fc.nat(50)).map(([at, stream]) => ({
      modality: 'image',
      value: latentOf(stream, pictureShapes[at]!),
    })),
    fc.tuple(fc.nat(1), fc.nat(50)).map(([at, stream]) => ({
      modality: 'sound',
      value: latentOf(stream, soundShapes[at]!),
    })),
  );
  const want = fc.oneof(
    fc.constantFrom(
      { want: 'image' },
      { want: 'sound' },
      { want: 'text' },
      { want: 'image', size: { width: 2, height: 6 } },
      { want: 'sound', size: { moments: 5 } },
    ),
  );

  it('is the same with and without caches', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(text, value), { maxLength: 4 }),
        fc.array(want, { minLength: 1, maxLength: 3 }),
        fc.option(text, { nil: undefined }),
        fc.nat(9),
        async (given, wants, negative, seed) => {
          const options = { seed, maximumTokens: 4, ...(negative !== undefined && { negative: negative.slice(0, 5) }) };
          const cached = await told([...given, ...wants], { ...options, cache: 'prefix' });
          expectSameTold(await told([...given, ...wants], { ...options, cache: 'none' }), cached, 2e-3);
        },
      ),
      { numRuns: 8, seed: 5 },
    );
  });
});

it('leaves out a block together with the tokens that tell its shape, and keeps those of the block to be made', () => {
  const model = defineModel(tinyTransformer(), [letters(8), shapelyPictures()], { toldShapes: ['image'] });
  const { beginDocument, droppedCaption, sizes, blocks } = model.vocabulary;
  const { begin, end } = blocks['image']!;
  const size = (count: number) => sizes.offset + count - 1;
  const picture = {
    kind: 'continuous',
    modality: 'image',
    latent: latentOf(1, pictureShapes[2]),
    grid: [3, 1],
  } as const;
  const prompt = layOutDocument([textOf(1, 2), picture, textOf(3)], model.vocabulary, { end: 'open' });
  const open = openLayout([...prompt.ids, begin, size(2), size(2)], prompt.blocks);
  const slots = [-1, -1, -1];
  const seen = (branch: Branch, negative?: readonly number[]) => {
    const { ids, blocks: kept } = branchLayout(open, branch, model, negative && { negative });
    return { ids: [...ids], starts: kept.map(({ begin: from, start }) => [from, start]) };
  };
  const header = [begin, size(3), size(1)];
  const asked = [begin, size(2), size(2)];
  expect(seen('conditional').starts).toEqual([[3, 6]]);
  expect(seen('without-blocks')).toEqual({ ids: [beginDocument, 1, 2, 3, ...asked], starts: [] });
  expect(seen('unconditional')).toEqual({ ids: [beginDocument, droppedCaption, ...asked], starts: [] });
  expect(seen('without-text', [4, 5, 6])).toEqual({
    ids: [beginDocument, 4, 5, 6, ...header, ...slots, end, 4, 5, 6, ...asked],
    starts: [[4, 7]],
  });
});
