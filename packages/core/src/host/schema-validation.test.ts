import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { TransfuseError } from '../errors/index.ts';
import { validate } from './schema-validation.ts';

const where = { code: 'config.invalid', place: '' } as const;

function failure(schema: object, value: unknown, place = ''): TransfuseError {
  try {
    validate(schema, value, { ...where, place });
  } catch (error) {
    if (error instanceof TransfuseError) return error;
    throw error;
  }
  throw new Error('the value was accepted');
}

const adapter = {
  type: 'object',
  properties: { patchSize: { type: 'integer', minimum: 1, maximum: 64 }, norm: { enum: ['rms', 'layer'] } },
  required: ['patchSize'],
  additionalProperties: false,
};
const nested = {
  type: 'object',
  properties: { modalities: { type: 'object', additionalProperties: adapter } },
};
const image = (value: unknown) => failure(nested, { modalities: { image: value } });

describe('validate', () => {
  it('fills in defaults on a copy and leaves the value alone', () => {
    const schema = Type.Object({ a: Type.Object({ b: Type.Integer({ default: 3 }) }, { default: {} }) });
    const value = {};
    expect(validate(schema, value, where)).toEqual({ a: { b: 3 } });
    expect(value).toEqual({});
    const frozen = Object.freeze({ a: Object.freeze({}) });
    expect(validate(schema, frozen, where)).toEqual({ a: { b: 3 } });
  });

  it('takes the default of the whole schema for a value that is undefined', () => {
    const schema = Type.Object({ a: Type.Integer({ default: 3 }) }, { default: {} });
    expect(validate(schema, undefined, where)).toEqual({ a: 3 });
    expect(failure(schema, null)).toMatchObject({ found: 'null', expected: 'an object' });
  });

  it('gives each caller its own copy of a default', () => {
    const schema = Type.Object({ list: Type.Array(Type.Integer(), { default: [1] }) });
    validate(schema, {}, where).list.push(2);
    expect(validate(schema, {}, where).list).toEqual([1]);
  });

  it('takes a field that is undefined for an absent one', () => {
    const schema = Type.Object({ a: Type.Integer({ default: 3 }) }, { additionalProperties: false });
    expect(validate(schema, { a: undefined, b: undefined }, where)).toEqual({ a: 3 });
  });

  it('keeps functions, class instances and typed arrays by reference', () => {
    const kept = { run: () => 1, data: new Float32Array(2), map: new Map() };
    const result = validate(Type.Object({}), kept, where) as typeof kept;
    expect(result).not.toBe(kept);
    expect([result.run, result.data, result.map]).toEqual([kept.run, kept.data, kept.map]);
    expect(result.data).toBe(kept.data);
  });

  it('copies a field called __proto__ without touching prototypes', () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const result = validate(Type.Object({}), value, where) as { polluted?: unknown };
    expect(result.polluted).toBeUndefined();
    expect(Object.hasOwn(result, '__proto__')).toBe(true);
  });

  it('rejects a value that contains itself', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(failure({ type: 'object' }, value, 'data')).toMatchObject({ place: 'data', code: 'config.invalid' });
  });
});

describe('the failure of validate', () => {
  it('names a wrong type with the path of the field', () => {
    expect(image({ patchSize: 'big' })).toMatchObject({
      code: 'config.invalid',
      place: 'modalities.image.patchSize',
      found: '"big"',
      expected: 'an integer from 1 to 64',
    });
  });

  it('says that a quoted number should lose its quotes', () => {
    expect(image({ patchSize: '8' }).mend).toBe('Write it without quotes.');
  });

  it('says how to get a number back into its range', () => {
    expect(image({ patchSize: 0 })).toMatchObject({ found: '0', mend: 'Raise it to 1 or more.' });
    expect(image({ patchSize: 65 })).toMatchObject({ found: '65', mend: 'Lower it to 64 or less.' });
    expect(image({ patchSize: Number.NaN })).toMatchObject({ found: 'NaN', expected: 'an integer from 1 to 64' });
  });

  it('lists the values of an enum and suggests the nearest', () => {
    expect(image({ patchSize: 1, norm: 'layre' })).toMatchObject({
      expected: 'one of "rms", "layer"',
      mend: 'Write "layer".',
    });
  });

  it('names a missing field by its full path', () => {
    expect(image({})).toMatchObject({
      place: 'modalities.image.patchSize',
      found: 'nothing',
      expected: 'an integer from 1 to 64',
    });
  });

  it('puts a misspelt field before the field that is missing because of it', () => {
    expect(image({ patchsize: 4 })).toMatchObject({
      place: 'modalities.image.patchsize',
      found: '4',
      expected: 'no such field; did you mean `patchSize`',
      mend: 'Rename it to `patchSize`.',
    });
  });

  it('lists the fields there are when an unknown one resembles none', () => {
    expect(image({ patchSize: 4, colour: 'red' })).toMatchObject({
      expected: 'no such field',
      mend: 'Remove it; the fields here are patchSize, norm.',
    });
  });

  it('finds unknown fields through unevaluatedProperties, also behind allOf and $ref', () => {
    const schema = {
      $defs: { base: { type: 'object', properties: { width: { type: 'integer' } } } },
      allOf: [{ $ref: '#/$defs/base' }],
      properties: { depth: { type: 'integer' } },
      type: 'object',
      unevaluatedProperties: false,
    };
    expect(failure(schema, { widht: 3 })).toMatchObject({ place: 'widht', mend: 'Rename it to `width`.' });
    expect(failure(schema, { width: 'x', depth: 1 })).toMatchObject({ place: 'width', expected: 'an integer' });
  });

  it.each([
    [{ const: 'text' }, 'image', '"text"'],
    [{ type: 'string', minLength: 1 }, '', 'text of at least 1 character'],
    [{ type: 'string', pattern: '^a+$' }, 'b', 'text that matches /^a+$/'],
    [{ type: 'number', exclusiveMinimum: 0, maximum: 1 }, 0, 'a number of at most 1 and above 0'],
    [{ type: 'integer', multipleOf: 2 }, 3, 'an integer divisible by 2'],
    [{ type: 'array', minItems: 2, maxItems: 2 }, [1], 'a list of 2 items'],
    [{ type: 'array', uniqueItems: true }, [1, 1], 'a list without repetition'],
    [{ type: ['string', 'null'] }, 1, 'text or null'],
    [{ type: 'object', minProperties: 1 }, {}, 'an object of at least 1 field'],
  ])('describes %j', (schema, value, expected) => {
    expect(failure({ type: 'object', properties: { field: schema } }, { field: value })).toMatchObject({
      place: 'field',
      expected,
    });
  });

  it('counts list items from 0 in brackets', () => {
    const schema = { type: 'object', properties: { betas: { type: 'array', items: { type: 'number' } } } };
    expect(failure(schema, { betas: [0.9, 'x'] }, 'train').place).toBe('train.betas[1]');
    expect(failure({ type: 'array', items: { type: 'number' } }, ['x'], 'list').place).toBe('list[0]');
  });

  it('names a field that breaks the rule for names', () => {
    const schema = { type: 'object', propertyNames: { type: 'string', pattern: '^[a-z]+$' } };
    expect(failure(schema, { Image: 1 }, 'modalities')).toMatchObject({ place: 'modalities.Image', found: '"Image"' });
  });

  it('reports the value itself under the given place, or as the configuration', () => {
    expect(failure({ type: 'object' }, 3, 'sampler euler').place).toBe('sampler euler');
    expect(failure({ type: 'object' }, 3).place).toBe('configuration');
  });

  it('prints long values short', () => {
    expect(failure({ type: 'integer' }, 'x'.repeat(10_000)).message.length).toBeLessThan(200);
  });

  it('speaks about every wrong value without failing itself', () => {
    const schemas = [adapter, nested, { type: 'integer' }, { oneOf: [{ type: 'string' }, adapter] }];
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...schemas), (value, schema) => {
        try {
          validate(schema, value, where);
        } catch (error) {
          expect(error).toBeInstanceOf(TransfuseError);
          expect(String((error as Error).message)).not.toMatch(/undefined|\[object/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const branches = [
  {
    type: 'object',
    properties: { kind: { const: 'cosine' }, offset: { type: 'number', default: 0.008 } },
    required: ['kind'],
    additionalProperties: false,
  },
  {
    type: 'object',
    properties: { kind: { const: 'linear' }, end: { type: 'number' } },
    required: ['kind', 'end'],
    additionalProperties: false,
  },
];
const plain = branches.map((branch) => ({
  ...branch,
  properties: { ...branch.properties, offset: { type: 'number' } },
}));
const tagged = { type: 'object', oneOf: branches, discriminator: { propertyName: 'kind' } };

describe.each([
  ['with a discriminator', tagged],
  ['without one', { oneOf: plain }],
  ['with references', { $defs: { a: plain[0], b: plain[1] }, oneOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }] }],
])('a union of objects %s', (_, schedule) => {
  const { $defs, ...rest } = schedule as { $defs?: unknown };
  const schema = { type: 'object', properties: { schedule: rest }, ...($defs === undefined ? {} : { $defs }) };
  const fail = (value: unknown) => failure(schema, { schedule: value }, 'objective');

  it('names the tag when it is wrong or missing', () => {
    expect(fail({ kind: 'cosin' })).toMatchObject({
      place: 'objective.schedule.kind',
      found: '"cosin"',
      expected: 'one of "cosine", "linear"',
      mend: 'Write "cosine".',
    });
    expect(fail({})).toMatchObject({ place: 'objective.schedule.kind', found: 'nothing' });
  });

  it('explains the branch that the tag chose', () => {
    expect(fail({ kind: 'linear', end: 'x' })).toMatchObject({ place: 'objective.schedule.end', expected: 'a number' });
    expect(fail({ kind: 'linear' })).toMatchObject({ place: 'objective.schedule.end', found: 'nothing' });
    expect(fail({ kind: 'linear', ende: 1 })).toMatchObject({ mend: 'Rename it to `end`.' });
  });
});

describe('other unions', () => {
  it('lists the forms when none was evidently meant', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 1 }] };
    expect(failure(schema, true, 'seed')).toMatchObject({
      place: 'seed',
      expected: 'text or an integer of at least 1',
    });
  });

  it('explains the only form that takes an object', () => {
    expect(failure({ oneOf: [{ type: 'string' }, adapter] }, { patchSize: 0 }, 'image').place).toBe('image.patchSize');
  });

  it('describes a union of constants as a choice', () => {
    const schema = Type.Union([Type.Literal('a'), Type.Literal('b')]);
    expect(failure(schema, 'c', 'x').expected).toBe('one of "a", "b"');
  });

  it('fills in the defaults of the branch that a discriminator chose', () => {
    expect(validate(tagged, { kind: 'cosine' }, where)).toEqual({ kind: 'cosine', offset: 0.008 });
  });
});

describe('a broken schema', () => {
  it.each([
    ['a misspelt keyword', { type: 'integer', minimun: 1 }],
    ['an unknown type', { type: 'int' }],
    ['a keyword of the wrong type', { type: 'integer', minimum: '1' }],
    ['a reference to nowhere', { $ref: '#/$defs/none' }],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' }],
  ])('is reported as the fault of its author: %s', (_, schema) => {
    expect(failure(schema, 1, 'sampler euler')).toMatchObject({
      code: 'plugin.manifest-invalid',
      place: 'sampler euler: schema',
    });
  });

  it('does not hinder another schema of the same $id', () => {
    expect(validate({ $id: 'same', type: 'integer' }, 1, where)).toBe(1);
    expect(validate({ $id: 'same', type: 'string' }, 'a', where)).toBe('a');
  });
});
