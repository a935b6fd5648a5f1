// Keeps docs/configuration.md true: its tables are those of the schemas, its example is a configuration that the host
// takes, with the numbers of the paper.
import { readFile } from 'node:fs/promises';
import { audio, image, text, video } from '@transfuse/adapters';
import { configSchema, contribution, createHost, validateConfig } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { animatedEmoji } from '@transfuse/plugins/data/animated-emoji';
import { emoji } from '@transfuse/plugins/data/emoji';
import { spokenDigits } from '@transfuse/plugins/data/spoken-digits';
import { describe, expect, it } from 'vitest';
import { fencesOf } from './code-block.ts';
import { withFreshTables } from './configuration-tables.ts';

const url = new URL('../../docs/configuration.md', import.meta.url);
const page = await readFile(url, 'utf8');
const plugins = [text, image, audio, video, diffusion, emoji, animatedEmoji, spokenDigits];
const openHost = () => createHost({ plugins, config: { engine: { name: 'eager' } } });

describe('docs/configuration.md', () => {
  it('has tables as fresh as the schemas they are made from', async () => {
    const host = await openHost();
    const fresh = withFreshTables(page, host.contributions());
    await host.dispose();
    await expect(fresh).toMatchFileSnapshot('../../docs/configuration.md');
  });

  it('names every section and every field', () => {
    for (const [section, { properties = {} }] of Object.entries(
      configSchema.properties as Record<string, { properties?: object }>,
    )) {
      expect(page).toContain(`| \`${section}\` |`);
      const missing = Object.keys(properties).filter((field) => !page.includes(`| \`${field}`));
      expect(section === 'data' ? [] : missing, section).toEqual([]);
    }
  });

  it('names everything that the plugins of this repository contribute', async () => {
    const host = await openHost();
    const names = host.contributions().map(({ name }) => name);
    await host.dispose();
    expect(names.filter((name) => !page.includes(`**\`${name}\`**`))).toEqual([]);
  });

  it('would show a setting that is added to a contribution', async () => {
    const added = contribution('sampler', {
      name: 'added',
      description: 'Not there yet.',
      configSchema: {
        type: 'object',
        properties: { strength: { type: 'number', minimum: 0, default: 2, description: 'how much' } },
      },
      create: () => Promise.reject(new Error('not used here')),
    });
    const fresh = withFreshTables('<!-- table: sampler -->\n<!-- end -->', [{ ...added, plugin: 'acme' }]);
    expect(fresh).toContain('| `strength` | a number of at least 0 | `2` | How much. |');
  });
});

describe('the recipe of the paper', () => {
  const example = fencesOf(page).find(({ file }) => file === 'paper.config.json');
  const config = validateConfig(JSON.parse(example?.code ?? 'null'));

  it('is a valid configuration with the numbers of Zhou et al. 2024', () => {
    expect(config.model).toMatchObject({ width: 768, depth: 16, heads: 12, sequenceLength: 4096 });
    expect(config.objective).toMatchObject({
      diffusionWeight: 5,
      schedule: { name: 'cosine', timesteps: 1000 },
      prediction: 'epsilon',
      lossSpace: 'epsilon',
      captionFirst: 0.8,
      imageFirstTimeCap: 0.5,
    });
    expect(config.sampling).toEqual({ sampler: { name: 'ddpm' }, steps: 250, guidance: 3 });
    const { rows, rowLength, accumulate, learningRate, finalLearningRateRatio } = config.train;
    expect(rows * rowLength * accumulate).toBe(2 ** 21);
    expect(learningRate * finalLearningRateRatio).toBeCloseTo(1.5e-5, 12);
    expect(config.train).toMatchObject({
      learningRate: 3e-4,
      warmup: 4000,
      betas: [0.9, 0.95],
      weightDecay: 0.1,
      clip: 1,
    });
  });

  it('names a schedule, a sampler and an image adapter that take its settings and work together', async () => {
    const host = await openHost();
    const { name: scheduleName, ...scheduleSettings } = config.objective.schedule;
    const { name: samplerName, ...samplerSettings } = config.sampling.sampler;
    const { adapter, ...imageSettings } = config.modalities['image']!;
    const schedule = await host.create('noise-schedule', scheduleName, scheduleSettings);
    const sampler = await host.create('sampler', samplerName, samplerSettings);
    const pictures = await host.create('continuous-adapter', adapter, imageSettings);
    await host.dispose();
    expect(sampler.begin(schedule, { steps: config.sampling.steps }).evaluations).toHaveLength(250);
    expect(pictures.tokenGrid(pictures.defaultLatentShape)).toEqual([32, 32]);
  });
});
