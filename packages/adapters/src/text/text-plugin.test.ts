import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreationContext, DiscreteAdapter } from '@transfuse/core/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainByteLevelBpe } from './byte-level-bpe-trainer.ts';
import { text } from './text-plugin.ts';

const words = 'banana\nbandana\nbanana';
const tokenizer = await trainByteLevelBpe([words], { vocabularySize: 262, minimumFrequency: 1 });
const stored = { 'tokenizer.json': new TextEncoder().encode(JSON.stringify(tokenizer)) };
const bpeConfig = { vocabularySize: 260, minimumFrequency: 2 };
const warnings: string[] = [];

function create(name: string, config: Record<string, unknown>, context: Partial<CreationContext> = {}) {
  const contribution = text.contributions.find((one) => one.name === name)!;
  const ignore = (): void => {};
  const logger = { debug: ignore, info: ignore, warn: (line: string) => void warnings.push(line), error: ignore };
  return Promise.resolve(contribution.create(config, { logger, assets: {}, ...context })) as Promise<
    DiscreteAdapter<string>
  >;
}

describe('the manifest', () => {
  it('names what is contributed', () => {
    expect(text.manifest.name).toBe('@transfuse/adapters/text');
    expect(text.contributions.map(({ kind, name }) => `${kind}:${name}`)).toEqual(text.manifest.provides);
  });

  it('allows no unknown settings and states its defaults', () => {
    for (const { configSchema } of text.contributions) expect(configSchema['additionalProperties']).toBe(false);
    expect(text.contributions[0]!.configSchema['properties']).toMatchObject({
      vocabularySize: { minimum: 257, default: 512 },
      minimumFrequency: { default: 2 },
    });
  });
});

describe('bpe', () => {
  it('learns its vocabulary from the training texts and reports on it', async () => {
    const tasks = new Set<string>();
    const adapter = await create('bpe', bpeConfig, {
      texts: () => [words],
      progress: ({ task }) => void tasks.add(task),
    });
    expect(adapter.vocabularySize).toBe(260);
    expect(adapter.decode(adapter.encode('banana'))).toBe('banana');
    expect(tasks.size).toBe(1);
  });

  it('takes the checkpoint’s tokenizer rather than learning another', async () => {
    const adapter = await create('bpe', bpeConfig, { assets: stored, texts: () => ['something else'] });
    expect(adapter.assets()).toEqual(stored);
  });

  it('warns when the texts give fewer tokens than asked for', async () => {
    warnings.length = 0;
    const adapter = await create('bpe', { ...bpeConfig, vocabularySize: 5000 }, { texts: () => ['banana'] });
    expect(adapter.vocabularySize).toBeLessThan(5000);
    expect(warnings).toEqual([`The texts gave ${adapter.vocabularySize} tokens; 5000 were asked for.`]);
  });

  it('stops at the host’s signal', async () => {
    const signal = AbortSignal.abort();
    await expect(create('bpe', bpeConfig, { texts: () => ['a'], signal })).rejects.toMatchObject({
      code: 'training.aborted',
    });
  });

  it('cannot start from nothing', async () => {
    await expect(create('bpe', bpeConfig)).rejects.toMatchObject({
      code: 'tokenizer.invalid',
      place: 'discrete-adapter:bpe',
    });
  });
});

describe('huggingface', () => {
  let folder = '';
  let file = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'text-plugin-'));
    file = join(folder, 'tokenizer.json');
    await writeFile(file, stored['tokenizer.json']);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('reads the named file', async () => {
    const adapter = await create('huggingface', { file });
    expect(adapter.vocabularySize).toBe(262);
    expect(adapter.assets()).toEqual(stored);
  });

  it('takes the checkpoint’s tokenizer before the file', async () => {
    const adapter = await create('huggingface', { file: join(folder, 'absent.json') }, { assets: stored });
    expect(adapter.vocabularySize).toBe(262);
  });

  it('names the file that does not exist or is no tokenizer', async () => {
    const absent = join(folder, 'absent.json');
    await expect(create('huggingface', { file: absent })).rejects.toMatchObject({
      code: 'tokenizer.invalid',
      place: absent,
    });
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '<!doctype html>');
    await expect(create('huggingface', { file: broken })).rejects.toMatchObject({
      code: 'tokenizer.invalid',
      place: broken,
    });
  });

  it('cannot start without a file', async () => {
    await expect(create('huggingface', {})).rejects.toMatchObject({ code: 'tokenizer.invalid' });
  });
});
