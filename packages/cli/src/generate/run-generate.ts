// Runs `transfuse generate`: reads the prompt, loads the checkpoint, writes what the model generates.
import { mkdir } from 'node:fs/promises';
import type { GenerateOptions, PromptItem } from '@transfuse/core';
import { TransfuseError } from '@transfuse/core/contracts';
import { engineConfig } from '../arguments/shared-options.ts';
import type { GenerateCommandOptions } from '../commands/generate.ts';
import { withCheckpointHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import type { Surroundings } from '../surroundings.ts';
import { createJsonWriter, createTextWriter } from './event-writer.ts';
import { readPicture } from './picture.ts';
import { readPromptArguments } from './prompt-arguments.ts';

/** Generates from a prompt of texts and picture files. */
export async function runGenerate(
  { checkpoint, prompt }: { readonly checkpoint: string; readonly prompt: readonly string[] },
  options: GenerateCommandOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const logger = createStreamLogger(stderr, { from: options.debug ? 'debug' : 'warn' });
  const items = await readPrompt(prompt, (warning) => logger.warn(warning));
  const wants = (options.want ?? []).map((want) => ({ want }));
  await makeFolder(options.out);
  const sinks = { stdout, stderr, folder: options.out };
  const writer = options.json ? createJsonWriter(sinks) : createTextWriter(sinks);
  const request = { folder: checkpoint, config: options.config, engine: engineConfig(options), logger };
  await withCheckpointHost(request, async (host) => {
    const model = await host.load(checkpoint);
    for await (const event of model.generate([...items, ...wants], generateOptions(options))) await writer.take(event);
  });
}

async function readPrompt(words: readonly string[], warn: (line: string) => void): Promise<readonly PromptItem[]> {
  const { items, warnings } = readPromptArguments(words);
  warnings.forEach(warn);
  return Promise.all(
    items.map(async (item) =>
      'text' in item ? item.text : { modality: 'image', value: await readPicture(item.file) },
    ),
  );
}

function generateOptions(options: GenerateCommandOptions): GenerateOptions {
  const { seed, steps, guidance, temperature, topK, topP, minP, repetitionPenalty, maxTokens, stop } = options;
  const given = {
    seed,
    steps,
    guidance,
    temperature,
    topK,
    topP,
    minP,
    repetitionPenalty,
    maximumTokens: maxTokens,
    stop,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new TransfuseError({
      code: 'file.unwritable',
      place: folder,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a folder pictures can be saved in',
      mend: 'Choose another folder with --out.',
      cause,
    });
  }
}
