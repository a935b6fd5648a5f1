import { describe, expect, it } from 'vitest';
import type { CreationContext } from '@transfuse/core/contracts';
import { diffusion, guiders, samplers, schedulerConfigs, schedules, stepCaches, weightings } from './index.ts';

const silent = () => undefined;
const context = {
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  assets: {},
} as unknown as CreationContext;

/** Settings of the contributions that cannot do without any. */
const required: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'trained-betas': { betas: [0.1, 0.2] },
};

describe.each([schedules, weightings, samplers, guiders, stepCaches])('the plugin $manifest.name', (plugin) => {
  it('provides what its manifest says', () => {
    expect(plugin.contributions.map(({ kind, name }) => `${kind}:${name}`)).toEqual(plugin.manifest.provides);
  });

  it.each(plugin.contributions.map((contribution) => [contribution.name, contribution] as const))(
    'creates %s from what it requires with the defaults that its schema states',
    async (name, contribution) => {
      const schema = contribution.configSchema as {
        required?: readonly string[];
        properties: Record<string, { default?: unknown }>;
      };
      const given = required[name] ?? {};
      expect(schema.required ?? []).toEqual(Object.keys(given));
      const defaults = Object.fromEntries(
        Object.entries(schema.properties).map(([key, field]) => [key, field.default]),
      );
      const created = (await contribution.create(given, context)) as { name: string; config: unknown };
      expect(created.name).toBe(name);
      expect(created.config).toEqual({ ...defaults, ...given });
    },
  );

  it.each(plugin.contributions.map((contribution) => [contribution.name, contribution] as const))(
    'creates %s again from the settings that it wrote out',
    async (name, contribution) => {
      const { config } = (await contribution.create(required[name] ?? {}, context)) as {
        config: Record<string, unknown>;
      };
      const again = (await contribution.create(JSON.parse(JSON.stringify(config)), context)) as { config: unknown };
      expect(again.config).toEqual(config);
      expect(contribution.configSchema).toMatchObject({ type: 'object', additionalProperties: false });
    },
  );
});

describe('the diffusion plugin', () => {
  it('contributes what all the other plugins contribute, each once', () => {
    const parts = [schedules, weightings, samplers, guiders, stepCaches, schedulerConfigs];
    const { provides } = diffusion.manifest;
    expect(provides).toEqual(parts.flatMap(({ manifest }) => manifest.provides));
    expect(new Set(provides).size).toBe(provides.length);
    expect(provides).toEqual(expect.arrayContaining(['sampler:unipc', 'guider:interval', 'step-cache:taylor']));
  });
});
