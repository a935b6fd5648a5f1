import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createHost, type Host, type LoadedModel, type RawImage, type TransfuseConfig } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eightPictures, picturePlugin } from './support/picture-dataset.ts';

const config: TransfuseConfig = {
  data: { name: 'pictures' },
  model: { width: 64, depth: 3, heads: 4, sequenceLength: 128 },
  modalities: {
    text: { adapter: 'bpe', vocabularySize: 300 },
    image: { adapter: 'linear-patch', size: 16, patchSize: 4 },
  },
  sampling: { steps: 20, guidance: 1 },
  train: { steps: 700, rows: 6, rowLength: 96, learningRate: 3e-3, warmup: 30, weightDecay: 0, ema: { decay: 0.99 } },
};

describe('a tiny model trained on eight captioned pictures', () => {
  const pictures = eightPictures();
  let folder: string;
  let host: Host;
  let model: LoadedModel;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'transfuse-overfit-'));
    host = await createHost({ plugins: [text, image, diffusion, picturePlugin(pictures)] });
    const { checkpoint } = await host.train(config, { folder });
    model = await host.load(checkpoint);
  }, 240_000);

  afterAll(async () => {
    await host.dispose();
    await rm(folder, { recursive: true });
  });

  it.each(pictures)('draws "$caption" within a mean absolute error of 0.05', async ({ caption, image: real }) => {
    let drawn: RawImage | undefined;
    for await (const event of model.generate([caption, { want: 'image' }], { seed: 1 })) {
      if (event.type === 'segment' && event.modality === 'image') drawn = event.value as RawImage;
    }
    const error = real.data.reduce((sum, value, index) => sum + Math.abs(value - drawn!.data[index]!), 0);
    expect(error / real.data.length / 255).toBeLessThan(0.05);
  });

  it.each(pictures)('writes "$caption" exactly when shown the picture', async ({ caption, image: real }) => {
    expect(await model.caption(real)).toBe(caption);
  });

  it('goes on by itself from a caption to its picture and ends the document', async () => {
    const kinds: string[] = [];
    let reason = '';
    for await (const event of model.generate(pictures[0]!.caption, { temperature: 0 })) {
      if (event.type === 'segment') kinds.push(event.modality);
      if (event.type === 'end') reason = event.reason;
    }
    expect({ kinds, reason }).toEqual({ kinds: ['image'], reason: 'end-of-document' });
  });
});
