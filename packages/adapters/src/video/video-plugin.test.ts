import { type Contribution, type CreationContext, type ContinuousAdapter } from '@transfuse/core/contracts';
import { validate } from '@transfuse/core';
import { checkPlugin } from '@transfuse/core/testing';
import { describe, expect, it } from 'vitest';
import { video } from './video-plugin.ts';

checkPlugin(video, { title: 'the video plugin' }).register({ describe, it });

const [contribution] = video.contributions as readonly [Contribution<'continuous-adapter'>];

async function created(settings: Readonly<Record<string, unknown>>): Promise<ContinuousAdapter> {
  const where = { code: 'config.invalid', place: 'video' } as const;
  const config = validate(contribution.configSchema, settings, where) as Record<string, unknown>;
  return contribution.create(config, { logger: console, assets: {} } as CreationContext);
}

describe('video-patch from settings', () => {
  it('has eight frames of 32 pixels in patches of one frame and eight pixels where nothing is said', async () => {
    const adapter = await created({});
    expect(adapter.latentShapes).toEqual([[8, 32, 32, 3]]);
    expect(adapter.tokenGrid([8, 32, 32, 3])).toEqual([8, 4, 4]);
  });

  it('takes part of the sides of a patch, and lists', async () => {
    const adapter = await created({ frames: [8, 1], size: [16, { width: 32, height: 16 }], patchSize: { frames: 4 } });
    expect(adapter.latentShapes).toHaveLength(4);
    expect(adapter.tokenGrid([8, 16, 32, 3])).toEqual([2, 2, 4]);
  });

  it('needs an engine for a codec', async () => {
    await expect(created({ codec: { folder: 'nowhere' } })).rejects.toMatchObject({ code: 'engine.unavailable' });
  });
});
