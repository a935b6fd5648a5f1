import { describe, expect, it } from 'vitest';
import { chooseThreads, graphicsAdapter } from './browser-place.ts';

const withProcessors = (hardwareConcurrency: number) => ({
  crossOriginIsolated: true,
  navigator: { hardwareConcurrency },
});

describe('the number of threads', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [8, 4],
    [64, 4],
  ])('of %i processors is by default %i', (processors, threads) => {
    expect(chooseThreads(withProcessors(processors), undefined)).toEqual({ threads });
  });

  it('is what is asked for', () => {
    expect(chooseThreads(withProcessors(2), 7)).toEqual({ threads: 7 });
  });

  it('is one on a page that is not isolated, with the reason, unless one is all that was wanted', () => {
    for (const crossOriginIsolated of [false, undefined]) {
      const place = { ...(crossOriginIsolated !== undefined && { crossOriginIsolated }) };
      expect(chooseThreads(place, 3)).toEqual({
        threads: 1,
        reason: '3 need a page that is cross-origin isolated',
      });
      expect(chooseThreads(place, 1)).toEqual({ threads: 1 });
    }
  });
});

describe('the graphics adapter', () => {
  const withAdapter = (adapter: { readonly info?: object } | null) => ({
    navigator: { gpu: { requestAdapter: async () => adapter } },
  });

  it('is named as the browser names it', async () => {
    expect(await graphicsAdapter(withAdapter({ info: { vendor: 'acme', architecture: 'x1' } }))).toBe('acme x1');
    expect(await graphicsAdapter(withAdapter({ info: { vendor: '', description: 'a card' } }))).toBe('a card');
    expect(await graphicsAdapter(withAdapter({}))).toBe('unnamed adapter');
  });

  it('is none where the browser has no WebGPU, or nothing to offer', async () => {
    expect(await graphicsAdapter({})).toBeUndefined();
    expect(await graphicsAdapter(withAdapter(null))).toBeUndefined();
  });
});
