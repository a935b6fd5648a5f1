import { describe, expect, it } from 'vitest';
import { parseGuidance, parseNamed } from './named-argument.ts';

describe('a thing chosen by name', () => {
  it('is a name alone, or JSON with settings', () => {
    expect(parseNamed('heun')).toEqual({ name: 'heun' });
    expect(parseNamed(' {"name":"heun","sigmas":"karras"}')).toEqual({ name: 'heun', sigmas: 'karras' });
  });

  it.each(['{"sigmas":"karras"}', '{name: heun}', '{"name":3}'])('is refused as %s', (text) => {
    expect(() => parseNamed(text)).toThrow(/Write a name|not JSON/);
  });
});

describe('guidance', () => {
  it('is a scale, a guider, or a list of them', () => {
    expect(parseGuidance('3.5')).toBe(3.5);
    expect(parseGuidance('cfg-zero-star')).toEqual({ name: 'cfg-zero-star' });
    expect(parseGuidance('[{"name":"interval","to":0.8},{"name":"rescale"}]')).toHaveLength(2);
  });

  it.each(['[]', '[3]', '[{"scale":2}]', '[', '{"scale":2}'])('is refused as %s', (text) => {
    expect(() => parseGuidance(text)).toThrow();
  });
});
