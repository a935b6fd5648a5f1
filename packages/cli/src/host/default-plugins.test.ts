import type { Plugin } from '@transfuse/core/contracts';
import { diffusion, samplers } from '@transfuse/plugins';
import { describe, expect, it } from 'vitest';
import { defaultPlugins, withDefaultPlugins } from './default-plugins.ts';

describe('withDefaultPlugins', () => {
  it('adds listed plugins to the default ones', () => {
    const listed: Plugin = {
      manifest: { name: 'acme', version: '1.0.0', api: '^1.0.0', provides: [] },
      contributions: [],
    };
    expect(withDefaultPlugins([listed])).toEqual([...defaultPlugins, listed]);
  });

  it('does not double a default plugin that is listed', () => {
    expect(
      withDefaultPlugins([diffusion]).filter(({ manifest }) => manifest.name === diffusion.manifest.name),
    ).toHaveLength(1);
  });

  it('lets a listed plugin take the place of a default one that provides the same', () => {
    const all = withDefaultPlugins([samplers]);
    expect(all).toContain(samplers);
    expect(all).not.toContain(diffusion);
  });

  it('leaves something that is no plugin for the host to judge', () => {
    const nonsense = [{}, { manifest: null }] as unknown as Plugin[];
    expect(withDefaultPlugins(nonsense)).toEqual([...defaultPlugins, ...nonsense]);
  });
});
