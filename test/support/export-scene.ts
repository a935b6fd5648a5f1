/** A tiny trained checkpoint, what its model makes of one caption, and the command that exports it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createHost, type GenerationEvent, type PromptItem } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createNoiseSource } from '@transfuse/core/generation';
import { readCheckpoint } from '@transfuse/core/training';
import { diffusion } from '@transfuse/plugins';
import { runProgram } from '../../packages/cli/src/program.ts';
import { recordSurroundings } from '../../packages/cli/src/testing/recorded-surroundings.ts';
import { trainTinyModel } from '../docs/tiny-checkpoint.ts';

/** The caption that prompts begin with. */
export const caption = 'red heart, noto style';
/** Options of every generation, apart from how many tokens. */
export const options = { seed: 7, guidance: 2.5, temperature: 0 } as const;

/** Trains the model and opens it; `close` removes everything. */
export async function openExportScene() {
  const folder = await mkdtemp(join(tmpdir(), 'transfuse-export-'));
  await trainTinyModel(folder);
  const checkpoint = join(folder, 'checkpoint');
  const host = await createHost({
    plugins: [text, image, diffusion],
    engine: createCompiledEngine({ threads: 1 }),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const model = await host.load(checkpoint);
  const parameters = host.engine.createStore((await readCheckpoint(checkpoint)).weights);
  const { beginDocument, droppedCaption, discrete, blocks } = model.model.vocabulary;
  const adapter = model.model.continuous['image']!;
  const events = async (items: readonly PromptItem[], maximumTokens = 12): Promise<GenerationEvent[]> => {
    const told: GenerationEvent[] = [];
    for await (const event of model.generate(items, { ...options, maximumTokens })) told.push(event);
    return told;
  };
  const ids = Array.from(model.model.discrete['text']!.encode(caption), (id) => id + discrete['text']!.offset);
  const prompt = [beginDocument, ...ids];
  const drawn = (await events([caption, { want: 'image' }])).findLast((event) => event.type === 'step');
  return {
    folder,
    checkpoint,
    host,
    model,
    /** Its weights, for functions of one's own on the host's engine. */
    parameters,
    adapter,
    /** Begin-of-document and the caption's ids. */
    prompt,
    /** The latent of the picture that the model draws for the caption. */
    picture: drawn!.state.sampler.latent,
    /** What a driver is asked for the same picture. */
    drawing: {
      ids: [...prompt, blocks['image']!.begin],
      dropped: [beginDocument, droppedCaption, blocks['image']!.begin],
      noise: Array.from(createNoiseSource('transfuse', options.seed, 0).draw(adapter.defaultLatentShape)),
      guidance: options.guidance,
    },
    /** The ids of the text that the model writes after a prompt. */
    async written(items: readonly PromptItem[], maximumTokens?: number): Promise<number[]> {
      const told = await events([...items, { want: 'text' }], maximumTokens);
      return told.flatMap((event) => (event.type === 'token' ? [event.id] : []));
    },
    /** Runs `transfuse export` into a folder of the scene. */
    async exportTo(name: string, ...words: string[]) {
      const out = join(folder, name);
      const surroundings = recordSurroundings();
      const args = ['export', checkpoint, '--out', out, '--capacity', '96', ...words];
      const exitCode = await runProgram(args, surroundings);
      return { out, exitCode, ...surroundings.written };
    },
    async close() {
      parameters.dispose();
      await host.dispose();
      await rm(folder, { recursive: true });
    },
  };
}
