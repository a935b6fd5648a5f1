import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { HostTensor } from '../contracts/tensors.ts';
import { readSafetensors, writeSafetensors, type WriteSafetensorsOptions } from './safetensors.ts';

const floats = (...values: number[]): HostTensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

interface Header {
  readonly [name: string]: { readonly dtype: string; readonly data_offsets: readonly [number, number] };
}
function headerOf(file: Uint8Array): { readonly text: string; readonly header: Header; readonly dataStart: number } {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  return { text, header: JSON.parse(text) as Header, dataStart: 8 + length };
}

const shapes = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
const tensors: fc.Arbitrary<HostTensor> = shapes.chain((shape) => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const exactly = { minLength: length, maxLength: length };
  return fc.oneof(
    fc.float32Array(exactly).map((data) => ({ dtype: 'float32' as const, shape, data })),
    fc.int32Array(exactly).map((data) => ({ dtype: 'int32' as const, shape, data })),
    fc.uint8Array({ ...exactly, max: 1 }).map((data) => ({ dtype: 'bool' as const, shape, data })),
  );
});

const names = fc.oneof(fc.string(), fc.constant('__proto__')).filter((name) => name !== '__metadata__');
const records = fc
  .array(fc.tuple(names, tensors), { maxLength: 6 })
  .map((entries) => Object.fromEntries(entries) as Record<string, HostTensor>);

describe('round trips', () => {
  it('bring back any tensors and texts, bit for bit', () => {
    const metadata = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(records, metadata, (written, texts) => {
        const read = readSafetensors(writeSafetensors(written, { metadata: texts }));
        expect(read.metadata).toEqual(texts);
        expect(Object.keys(read.tensors)).toEqual(Object.keys(written));
        for (const [name, { dtype, shape, data }] of Object.entries(written)) {
          const got = Object.getOwnPropertyDescriptor(read.tensors, name)!.value as HostTensor;
          expect(got).toEqual({ dtype, shape, data });
          expect(new Uint8Array(got.data.buffer)).toEqual(new Uint8Array(data.buffer));
        }
      }),
    );
  });

  it('write the same bytes again after reading', () => {
    fc.assert(
      fc.property(records, (written) => {
        const bytes = writeSafetensors(written);
        expect(writeSafetensors(readSafetensors(bytes).tensors)).toEqual(bytes);
      }),
    );
  });

  it('write only the part of a buffer that a view shows', () => {
    const data = new Float32Array(Float32Array.of(1, 2, 3, 4).buffer, 4, 2);
    const bytes = writeSafetensors({ view: { dtype: 'float32', shape: [2], data } });
    expect(readSafetensors(bytes).tensors['view']?.data).toEqual(Float32Array.of(2, 3));
  });
});

describe('half precision', () => {
  const written = {
    weight: floats(1, 0.1, 65520, 2 ** -25, -1e-8),
    count: { dtype: 'int32', shape: [], data: Int32Array.of(7) },
  } as const;

  it('rounds float32 tensors to float16, and leaves the others alone', () => {
    const file = writeSafetensors(written, { dtype: 'float16' });
    expect(headerOf(file).header['weight']?.dtype).toBe('F16');
    const { tensors: read } = readSafetensors(file);
    expect(read['weight']?.data).toEqual(Float32Array.of(1, 0.0999755859375, Infinity, 0, -0));
    expect(read['count']).toEqual(written.count);
  });

  it('rounds float32 tensors to bfloat16', () => {
    const file = writeSafetensors(written, { dtype: 'bfloat16' });
    expect(headerOf(file).header['weight']?.dtype).toBe('BF16');
    const expected = Float32Array.of(1, 0.10009765625, 65536, 2 ** -25, -172 * 2 ** -34);
    expect(readSafetensors(file).tensors['weight']?.data).toEqual(expected);
  });
});

describe('layout', () => {
  it('starts the data at a multiple of 8 and every tensor at a multiple of its element size', () => {
    const sizes: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I32: 4, BOOL: 1 };
    const options: fc.Arbitrary<WriteSafetensorsOptions> = fc.constantFrom(
      {},
      { dtype: 'float16' },
      { dtype: 'bfloat16', metadata: { format: 'pt' } },
    );
    fc.assert(
      fc.property(records, options, (written, how) => {
        const { header, dataStart } = headerOf(writeSafetensors(written, how));
        expect(dataStart % 8).toBe(0);
        for (const name of Object.keys(written)) {
          const entry = Object.getOwnPropertyDescriptor(header, name)!.value as Header[string];
          expect(entry.data_offsets[0] % sizes[entry.dtype]!).toBe(0);
        }
      }),
    );
  });

  it('lists metadata first and tensors in the order of the record, whatever lies first in the data', () => {
    const mask: HostTensor = { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) };
    const { text } = headerOf(writeSafetensors({ z: mask, a: floats(1) }, { metadata: { by: 'hand' } }));
    expect(text.trimEnd()).toBe(
      '{"__metadata__":{"by":"hand"},"z":{"dtype":"BOOL","shape":[3],"data_offsets":[4,7]},' +
        '"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    );
  });

  it('leaves metadata out where there is none', () => {
    expect(headerOf(writeSafetensors({})).text.trimEnd()).toBe('{}');
  });
});

describe('refusals', () => {
  const wrong: readonly (readonly [string, HostTensor, RegExp])[] = [
    ['too few values', { dtype: 'float32', shape: [2, 2], data: new Float32Array(3) }, /3 values for shape \[2, 2\]/],
    ['a negative shape', { dtype: 'float32', shape: [-1, -3], data: new Float32Array(3) }, /shape \[-1, -3\]/],
    ['a fractional shape', { dtype: 'float32', shape: [1.5, 2], data: new Float32Array(3) }, /shape \[1.5, 2\]/],
    [
      'an array of another type',
      { dtype: 'int32', shape: [1], data: new Float32Array(1) },
      /expected values of type Int32Array/,
    ],
    ['an unknown dtype', { dtype: 'complex' as 'bool', shape: [1], data: new Uint8Array(1) }, /the dtype complex/],
    ['a boolean of 2', { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 2) }, /the boolean 2 at index 1/],
  ];

  it.each(wrong)('refuses %s, naming the tensor', (_, tensor, message) => {
    const expected = { name: 'TransfuseError', code: 'tensor-file.malformed', place: 'tensor "x", to be written' };
    expect(() => writeSafetensors({ x: tensor })).toThrow(expect.objectContaining(expected));
    expect(() => writeSafetensors({ x: tensor })).toThrow(message);
  });

  it('refuses the name that the format keeps for metadata, and metadata that is not text', () => {
    expect(() => writeSafetensors({ __metadata__: floats(1) })).toThrow(/the format keeps it/);
    const metadata = { epochs: 3 } as unknown as Record<string, string>;
    expect(() => writeSafetensors({}, { metadata })).toThrow(/__metadata__\.epochs".*found a number, expected a text/);
  });
});
