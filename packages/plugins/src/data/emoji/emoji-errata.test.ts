import { describe, expect, it } from 'vitest';
import { filedCode } from './emoji-errata.ts';

const fluent3d = { name: '@lobehub/fluent-emoji-3d', version: '1.1.0', folder: '' };
const fluentFlat = { name: '@iconify-json/fluent-emoji-flat', version: '1.2.6', folder: '' };

describe('filedCode', () => {
  it.each([
    ['an untoned emoji', '1f44b', '1f44b'],
    ['light', '1f44b-1f3fb', '1f44b-1f3fb'],
    ['medium-light', '1f44b-1f3fc', '1f44b-1f3fd'],
    ['medium', '1f44b-1f3fd', '1f44b-1f3fc'],
    ['dark', '1f44b-1f3ff', '1f44b-1f3ff'],
    ['a person in a longer sequence', '1f468-1f3fc-200d-1f527', '1f468-1f3fd-200d-1f527'],
    ['a technologist', '1f468-1f3fc-200d-1f4bb', '1f468-1f3fc-200d-1f4bb'],
    ['a pair in one code point', '1f491-1f3fc', '1f491-1f3fc'],
    ['a pair of people', '1f9d1-1f3fc-200d-1f91d-200d-1f9d1-1f3fc', '1f9d1-1f3fc-200d-1f91d-200d-1f9d1-1f3fc'],
    ['the person whose tones are all mixed up', '1f6b5-1f3fb', '1f6b5-1f3ff'],
    ['the woman of the same kind', '1f6b5-1f3fd-200d-2640', '1f6b5-1f3fc-200d-2640'],
  ])('puts the exchanged tones of Fluent 3D right: %s', (_, code, filed) => {
    expect(filedCode(code, fluent3d)).toBe(filed);
  });

  it('leaves out the drawing without its tone', () => {
    expect(filedCode('1f6c0-1f3fe', fluentFlat)).toBeUndefined();
    expect(filedCode('1f6c0-1f3ff', fluentFlat)).toBe('1f6c0-1f3ff');
  });

  it('takes other versions and other packages as they are', () => {
    expect(filedCode('1f44b-1f3fc', { ...fluent3d, version: '1.1.1' })).toBe('1f44b-1f3fc');
    expect(filedCode('1f44b-1f3fc', fluentFlat)).toBe('1f44b-1f3fc');
  });
});
