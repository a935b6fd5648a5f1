import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransfuseError } from '../errors/index.ts';
import { defineConfig, validateConfig } from './config.ts';
import { definePlugin } from './define-plugin.ts';
import { defaultFeedForwardWidth, modelPresetNames, modelPresets } from './model-presets.ts';

const smallest = {
  data: { name: 'emoji', size: 32 },
  model: { preset: 'nano' },
  modalities: { text: { adapter: 'bpe', vocabulary: 2048 } },
  train: { steps: 2000 },
} as const;

function failure(change: object): TransfuseError {
  try {
    validateConfig({ ...smallest, ...change });
  } catch (error) {
    if (error instanceof TransfuseError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('validateConfig', () => {
  it('fills in every default', () => {
    expect(validateConfig(defineConfig(smallest))).toEqual({
      plugins: [],
      plugin: {},
      engine: { name: 'auto' },
      data: { name: 'emoji', size: 32 },
      model: {
        width: 64,
        depth: 2,
        heads: 2,
        keyValueHeads: 2,
        feedForwardWidth: 192,
        sequenceLength: 1024,
        ropeBase: 10_000,
        positions: 'sequence',
        normEpsilon: 1e-5,
        queryKeyNorm: 'none',
        head: 'untied',
      },
      modalities: { text: { adapter: 'bpe', vocabulary: 2048 } },
      objective: {
        diffusionWeight: 5,
        schedule: { name: 'flow-matching' },
        prediction: 'sample',
        lossSpace: 'velocity',
        minimumLossTime: 0.05,
        modalityWeights: {},
        captionFirst: 0.8,
        captionDropout: 0.1,
        imageFirstTimeCap: 0.5,
      },
      sampling: { sampler: { name: 'euler' }, steps: 50, guidance: 3 },
      train: {
        steps: 2000,
        rows: 16,
        rowLength: 128,
        accumulate: 1,
        learningRate: 3e-4,
        finalLearningRateRatio: 0.05,
        warmup: 500,
        betas: [0.9, 0.95],
        epsilon: 1e-8,
        weightDecay: 0.1,
        clip: 1,
        ema: { decay: 0.9999, warm: 'ramp' },
        seed: 0,
        checkpointEvery: 1000,
        logEvery: 10,
        sampleEvery: 0,
      },
    });
  });

  it('resolves its own result to itself', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...modelPresetNames),
        fc.integer({ min: 1, max: 10_000 }),
        fc.record(
          { head: fc.constantFrom('tied', 'untied'), depth: fc.integer({ min: 1, max: 9 }) },
          { requiredKeys: [] },
        ),
        (preset, steps, model) => {
          const once = validateConfig({ ...smallest, model: { preset, ...model }, train: { steps } });
          expect(validateConfig(once)).toEqual(once);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('passes plugins and the settings of contributions through untouched', () => {
    const plugin = definePlugin({
      manifest: { name: 'acme', version: '1.0.0', api: '^1.0.0', provides: [] },
      contributions: [],
    });
    const config = validateConfig({
      ...smallest,
      plugins: [plugin, 'acme-shapes'],
      objective: { schedule: { name: 'cosine', offset: 0.01 } },
      sampling: { sampler: { order: 2 } },
    });
    expect(config.plugins[0]).toBe(plugin);
    expect(config.objective.schedule).toEqual({ name: 'cosine', offset: 0.01 });
    expect(config.sampling.sampler).toEqual({ name: 'euler', order: 2 });
  });

  it('does not change what it was given', () => {
    const given = structuredClone(smallest);
    validateConfig(given);
    expect(given).toEqual(smallest);
  });

  it('warms up for the whole run where that is shorter than 500 steps', () => {
    expect(validateConfig({ ...smallest, train: { steps: 20 } }).train.warmup).toBe(20);
    expect(validateConfig({ ...smallest, train: { steps: 20, warmup: 0 } }).train.warmup).toBe(0);
  });

  it.each([
    [{ data: undefined }, 'data', 'nothing'],
    [{ data: {} }, 'data.name', 'nothing'],
    [{ modle: {} }, 'modle', '{}'],
    [{ model: {} }, 'model.width', 'nothing'],
    [{ model: { width: 64, heads: 2 } }, 'model.depth', 'nothing'],
    [{ model: { preset: 'paper-7B' } }, 'model.preset', '"paper-7B"'],
    [{ model: { preset: 'nano', width: 65 } }, 'model.width', '65'],
    [{ model: { preset: 'nano', heads: 3 } }, 'model.heads', '3'],
    [{ model: { width: 6, depth: 1, heads: 2 } }, 'model.heads', '2, which makes heads of 3 features'],
    [{ model: { preset: 'small', keyValueHeads: 3 } }, 'model.keyValueHeads', '3'],
    [{ modalities: {} }, 'modalities', '{}'],
    [{ modalities: { image: { patchSize: 8 } } }, 'modalities.image.adapter', 'nothing'],
    [{ objective: { prediction: 'noise' } }, 'objective.prediction', '"noise"'],
    [{ objective: { minimumLossTime: 0 } }, 'objective.minimumLossTime', '0'],
    [{ objective: { captionDropout: 1.5 } }, 'objective.captionDropout', '1.5'],
    [{ objective: { imageFirstTimeCap: 0 } }, 'objective.imageFirstTimeCap', '0'],
    [{ sampling: { steps: 0 } }, 'sampling.steps', '0'],
    [{ sampling: { sampler: 'euler' } }, 'sampling.sampler', '"euler"'],
    [{ train: {} }, 'train.steps', 'nothing'],
    [{ train: { steps: 10, warmup: 11 } }, 'train.warmup', '11'],
    [{ train: { steps: 10, betas: [0.9, 1] } }, 'train.betas[1]', '1'],
    [{ train: { steps: 10, rowLength: 2048 } }, 'train.rowLength', '2048'],
    [{ train: { steps: 10, ema: { decay: 1 } } }, 'train.ema.decay', '1'],
    [{ train: { steps: 10, learningRate: 'fast' } }, 'train.learningRate', '"fast"'],
    [{ engine: { name: 'compiled', backend: 'cpu' } }, 'engine.backend', '"cpu"'],
    [{ engine: { threads: 0 } }, 'engine.threads', '0'],
    [{ plugins: 'acme' }, 'plugins', '"acme"'],
  ])('rejects %j at %s', (change, place, found) => {
    expect(failure(change)).toMatchObject({ code: 'config.invalid', place, found });
  });

  it('says what to do about a misspelt preset', () => {
    expect(failure({ model: { preset: 'paper-7B' } }).mend).toMatch(/^Write "paper-7b"/);
  });

  it.each([undefined, null, 'config', 7, []])('rejects %j as a whole', (value) => {
    expect(() => validateConfig(value)).toThrow(/^configuration: found .* expected an object/);
  });
});

describe('model presets', () => {
  it('resolve, each with an even head dimension', () => {
    for (const preset of modelPresetNames) {
      const { model } = validateConfig({ ...smallest, model: { preset } });
      expect(model).toMatchObject(modelPresets[preset]);
      expect((model.width / model.heads) % 2).toBe(0);
    }
  });

  it('yield to fields given beside them, and what follows from a field follows the given one', () => {
    const { model } = validateConfig({ ...smallest, model: { preset: 'small', width: 512, heads: 8 } });
    expect(model).toMatchObject({ width: 512, depth: 6, heads: 8, keyValueHeads: 8, feedForwardWidth: 1376 });
  });

  it('round the feed-forward width up: 8/3 of 4096 is 10922.7, the next multiple of 32 is 10944', () => {
    expect(defaultFeedForwardWidth(4096)).toBe(10_944);
    expect(defaultFeedForwardWidth(96)).toBe(256);
  });
});
