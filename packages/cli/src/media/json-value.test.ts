import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonOfValue, valueOfJson } from './json-value.ts';

const again = (value: unknown) => valueOfJson(jsonOfValue(value)!);

describe('a value as JSON', () => {
  it('says of typed arrays what they are', () => {
    expect(jsonOfValue({ points: Float32Array.of(0.5, -1) })).toBe(
      '{"points":{"type":"Float32Array","values":[0.5,-1]}}',
    );
    expect(jsonOfValue(Uint8Array.of(7))).toBe('{"type":"Uint8Array","values":[7]}');
  });

  it.each([
    Float32Array,
    Float64Array,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ])('is a %o again when it is read', (type) => {
    const value = type.of(0, 1, 127);
    expect(again([value])).toEqual([value]);
    expect((again(value) as object).constructor).toBe(type);
  });

  it('is read as it was written, every bit of it', () => {
    const single = fc.float32Array();
    const double = fc.float64Array();
    fc.assert(
      fc.property(fc.jsonValue(), single, double, fc.double(), (json, floats, doubles, number) => {
        const value = { json, floats, doubles, nested: [{ number }] };
        expect(again(value)).toEqual(value);
      }),
    );
  });

  it('keeps short what a float32 is', () => {
    expect(jsonOfValue(Float32Array.of(1 / 3))).toBe('{"type":"Float32Array","values":[0.333333343]}');
  });

  it('leaves out functions and what is undefined, and forgets classes', () => {
    class Cloud {
      readonly points = Float32Array.of(1);
      readonly note = undefined;
      readonly log = () => {};
      save(): void {}
    }
    expect(again(new Cloud())).toEqual({ points: Float32Array.of(1) });
  });

  it.each([
    ['a Map', new Map()],
    ['a date', { at: new Date(0) }],
    ['a bigint', [1n]],
    ['a hole', [undefined]],
    ['a function', () => {}],
    ['nothing', undefined],
    ['a promise', { later: Promise.resolve() }],
  ])('is not had of %s', (_, value) => {
    expect(jsonOfValue(value)).toBeUndefined();
  });

  it('is not had of a value that holds itself, but of one that holds something twice', () => {
    const self: Record<string, unknown> = {};
    self['self'] = [self];
    expect(jsonOfValue(self)).toBeUndefined();
    const point = [1];
    expect(jsonOfValue([point, point])).toBe('[[1],[1]]');
  });

  it('that only resembles a typed array stays what it is', () => {
    for (const text of ['{"type":"Float32Array"}', '{"type":"chair","values":[1]}', '{"type":"number","value":"x"}']) {
      expect(valueOfJson(text)).toEqual(JSON.parse(text));
    }
  });

  it.each([
    ['{', /JSON/u],
    ['{"type":"Float32Array","values":["a"]}', /"a" among the values of a Float32Array/u],
    ['{"type":"Float32Array","values":[null]}', /null among/u],
    ['{"type":"Uint8Array","values":[1,300]}', /300 among the values of a Uint8Array, which cannot hold it/u],
    ['{"type":"Int32Array","values":[0.5]}', /0.5 among/u],
  ])('is refused as %s', (text, message) => {
    expect(() => valueOfJson(text)).toThrow(message);
  });
});
