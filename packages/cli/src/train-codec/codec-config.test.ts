import { describe, expect, it } from 'vitest';
import { autoencoderOf, readCodecConfig } from './codec-config.ts';

const least = { data: { name: 'emoji' }, train: { steps: 20 } };

describe('the configuration of a codec', () => {
  it('needs data and steps, and has a default for the rest', () => {
    expect(readCodecConfig(least)).toMatchObject({
      data: { name: 'emoji' },
      codec: { size: 32, channels: [32, 64, 64], latentChannels: 4, layers: 1, groups: 8, attention: 'middle' },
      train: { steps: 20, batch: 16, klWeight: 1e-6, squaredWeight: 1, warmup: 20, seed: 0 },
      engine: { name: 'auto' },
    });
  });

  it('leaves plugins, which are code, to the host', () => {
    const plugin = { manifest: {}, contributions: [() => 1] };
    expect(readCodecConfig({ ...least, plugins: [plugin] })).not.toHaveProperty('plugins');
  });

  it('describes an autoencoder that halves the sides once less than it has resolutions', () => {
    const { codec } = readCodecConfig({ ...least, codec: { size: 64, channels: [8, 16], attention: 'none' } });
    expect(autoencoderOf(codec)).toMatchObject({
      blockChannels: [8, 16],
      sampleSize: 64,
      normGroups: 8,
      middleAttention: false,
      scaling: { scale: 1, shift: 0 },
    });
  });

  it.each([
    ['data', { train: { steps: 1 } }],
    ['train.steps', { ...least, train: {} }],
    ['train.klWeight', { ...least, train: { steps: 1, klWeight: -1 } }],
    ['train.warmup', { ...least, train: { steps: 5, warmup: 6 } }],
    ['codec.chanels', { ...least, codec: { chanels: [8] } }],
    ['codec.channels', { ...least, codec: { channels: [] } }],
    ['codec.channels', { ...least, codec: { channels: [8, 12] } }],
    ['codec.size', { ...least, codec: { size: 30, channels: [8, 8, 8] } }],
    ['engine.provider', { ...least, engine: { provider: 'steam' } }],
  ])('is refused for a bad %s', (place, value) => {
    expect(() => readCodecConfig(value)).toThrow(expect.objectContaining({ code: 'config.invalid', place }));
  });
});
