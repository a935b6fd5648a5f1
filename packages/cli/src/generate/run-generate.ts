// Runs `transfuse generate`: reads the prompt, loads the checkpoint, writes what the model generates.
import { mkdir, readFile } from 'node:fs/promises';
import type { Host, HostGenerateOptions, NamedSettings, PromptItem } from '@transfuse/core';
import { TransfuseError } from '@transfuse/core/contracts';
import { parseSchedulerConfig } from '@transfuse/plugins/scheduler-config';
import { engineConfig } from '../arguments/shared-options.ts';
import type { GenerateCommandOptions } from '../commands/generate.ts';
import { loadOptions } from '../export/weights-option.ts';
import { withCheckpointHost } from '../host/open-host.ts';
import { readStoredConfig } from '../host/stored-config.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import { describeProfile } from '../report/engine-profile.ts';
import type { Surroundings } from '../surroundings.ts';
import { createJsonWriter, createTextWriter } from './event-writer.ts';
import { type PromptArgument, readPromptArguments } from './prompt-arguments.ts';
import { readWants } from './wanted.ts';

/** Generates from a prompt of texts and files. */
export async function runGenerate(
  { checkpoint, prompt }: { readonly checkpoint: string; readonly prompt: readonly string[] },
  options: GenerateCommandOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const logger = createStreamLogger(stderr, { from: options.debug ? 'debug' : 'warn' });
  const { modalities } = await readStoredConfig(checkpoint);
  const words = readPromptArguments(prompt, { modalities });
  words.warnings.forEach((warning) => logger.warn(warning));
  const items = await readItems(words.items);
  const wants = await readWants(options, modalities);
  const chosen = await generateOptions(options);
  await makeFolder(options.out);
  const sinks = { stdout, stderr, folder: options.out };
  const writer = options.json ? createJsonWriter(sinks) : createTextWriter(sinks);
  const request = { folder: checkpoint, config: options.config, engine: engineConfig(options), logger };
  const profile = options.profile ? 'operators' : 'none';
  await withCheckpointHost({ ...request, profile }, async (host) => {
    const model = await host.load(checkpoint, loadOptions(options));
    for await (const event of model.generate([...items, ...wants], await withWeak(host, options, chosen))) {
      await writer.take(event);
    }
    if (options.profile) stderr.write(await describeProfile(host.engine));
  });
}

async function readItems(items: readonly PromptArgument[]): Promise<readonly PromptItem[]> {
  return Promise.all(
    items.map(async (item) =>
      'text' in item ? item.text : { modality: item.medium.modality, value: await item.medium.read(item.file) },
    ),
  );
}

async function generateOptions(options: GenerateCommandOptions): Promise<HostGenerateOptions> {
  const { seed, steps, guidance, negative, stepCache, noise } = options;
  const { temperature, topK, topP, minP, repetitionPenalty, maxTokens, stop, scheduler } = options;
  if (scheduler !== undefined && options.sampler !== undefined) {
    throw new TransfuseError({
      code: 'generation.invalid-option',
      place: '--scheduler',
      found: 'given with --sampler',
      expected: 'one of them',
      mend: 'Leave one out.',
    });
  }
  const given = {
    seed,
    steps,
    guidance,
    negative,
    sampler: scheduler === undefined ? options.sampler : await samplerOf(scheduler),
    stepCache: stepCache?.name === 'none' ? 'none' : stepCache,
    noise,
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

/** The sampler that a scheduler_config.json describes. */
async function samplerOf(file: string): Promise<NamedSettings> {
  try {
    return { name: 'diffusers', config: parseSchedulerConfig(await readFile(file, 'utf8')) };
  } catch (cause) {
    if (cause instanceof TransfuseError) throw cause;
    throw new TransfuseError({
      code: 'config.unreadable',
      place: file,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a scheduler_config.json as diffusers writes it',
      mend: 'Check the path of --scheduler and the file.',
      cause,
    });
  }
}

async function withWeak(
  host: Host,
  { weak }: Pick<GenerateCommandOptions, 'weak'>,
  chosen: HostGenerateOptions,
): Promise<HostGenerateOptions> {
  return weak === undefined ? chosen : { ...chosen, weak: await host.load(weak) };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new TransfuseError({
      code: 'file.unwritable',
      place: folder,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a folder files can be saved in',
      mend: 'Choose another folder with --out.',
      cause,
    });
  }
}
