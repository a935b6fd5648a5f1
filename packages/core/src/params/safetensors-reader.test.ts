import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TransfuseError } from '../errors/index.ts';
import { readSafetensors } from './safetensors.ts';

/*
 * Written by the reference implementation, safetensors 0.8.0 for Python with PyTorch:
 *
 *   save({'weight': tensor([[1.5, -2.0], [0.1, 65504.0]]), 'half': tensor([1.0, 0.1, 6e-8]).half(),
 *         'brain': tensor([1.0, 0.1, -3e38]).bfloat16(), 'counts': tensor([-1, 2**31 - 1], dtype=int32),
 *         'steps': tensor(12345678, dtype=int64), 'bytes': tensor([0, 200], dtype=uint8),
 *         'mask': tensor([True, False, True]), 'nothing': zeros(0, 4)}, metadata={'format': 'pt'})
 */
const reference = Buffer.from(
  'AAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJzdGVwcyI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbXSwiZGF0YV9v' +
    'ZmZzZXRzIjpbMCw4XX0sIm5vdGhpbmciOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsNF0sImRhdGFfb2Zmc2V0cyI6WzgsOF19LCJ3ZWln' +
    'aHQiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzgsMjRdfSwiY291bnRzIjp7ImR0eXBlIjoiSTMyIiwi' +
    'c2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMjQsMzJdfSwiYnJhaW4iOnsiZHR5cGUiOiJCRjE2Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZz' +
    'ZXRzIjpbMzIsMzhdfSwiaGFsZiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzM4LDQ0XX0sImJ5dGVzIjp7' +
    'ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls0NCw0Nl19LCJtYXNrIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpb' +
    'M10sImRhdGFfb2Zmc2V0cyI6WzQ2LDQ5XX19ICAgICAgIE5hvAAAAAAAAADAPwAAAMDNzMw9AOB/R/////////9/gD/NPWL/ADxmLgEAAMgB' +
    'AAE=',
  'base64',
);

/** A file from header text and data, with the header length that belongs to it or another. */
function fileOf(header: string | Uint8Array, dataLength: number, claimedLength?: bigint): Uint8Array {
  const bytes = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + bytes.length + dataLength);
  new DataView(file.buffer).setBigUint64(0, claimedLength ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}

const tensor = (fields: string) => `{"a":{${fields}}}`;
const two = '"dtype":"F32","shape":[2],"data_offsets":[0,8]';

function refusal(file: Uint8Array): TransfuseError {
  try {
    readSafetensors(file, { place: 'weights.safetensors' });
  } catch (error) {
    if (error instanceof TransfuseError) return error;
    throw error;
  }
  throw new Error('the file was read');
}

describe('good files', () => {
  it('reads every element type of a file by the reference implementation', () => {
    const { tensors, metadata } = readSafetensors(reference);
    expect(metadata).toEqual({ format: 'pt' });
    expect(tensors).toEqual({
      steps: { dtype: 'int32', shape: [], data: Int32Array.of(12345678) },
      nothing: { dtype: 'float32', shape: [0, 4], data: new Float32Array(0) },
      weight: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1.5, -2, 0.1, 65504) },
      counts: { dtype: 'int32', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
      brain: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 0.10009765625, -3.00405527047391e38) },
      half: { dtype: 'float32', shape: [3], data: Float32Array.of(1, 0.0999755859375, 5.960464477539063e-8) },
      bytes: { dtype: 'int32', shape: [2], data: Int32Array.of(0, 200) },
      mask: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    });
  });

  it('copies: changing the file afterwards changes no tensor, even for a Buffer at an odd address', () => {
    const shifted = Buffer.concat([Buffer.from([0]), reference]).subarray(1);
    const { tensors } = readSafetensors(shifted);
    shifted.fill(0);
    expect(tensors).toEqual(readSafetensors(reference).tensors);
  });

  it('reads a file without tensors, and a tensor named like a property of every object', () => {
    expect(readSafetensors(fileOf('{}', 0))).toEqual({ tensors: {}, metadata: {} });
    const { tensors } = readSafetensors(fileOf(`{"__proto__":{${two}}}`, 8));
    expect(Object.keys(tensors)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(tensors)).toBe(Object.prototype);
  });

  const real = new URL('../../../../../shared/data/safetensors/silero_vad_16k.safetensors', import.meta.url);
  if (!existsSync(real)) console.log('skipped: reading a real weight file, ../shared/data is not there');
  it.skipIf(!existsSync(real))('reads a real weight file to the values that the reference implementation reads', () => {
    const { tensors, metadata } = readSafetensors(readFileSync(real));
    expect(metadata).toEqual({});
    expect(Object.keys(tensors)).toHaveLength(15);
    const sum = (name: string) => [...tensors[name]!.data].reduce((total, value) => total + value, 0);
    // Sums in double precision by numpy.
    expect(tensors['lstm_cell.weight_hh']!.shape).toEqual([512, 128]);
    expect(sum('lstm_cell.weight_hh')).toBeCloseTo(-251.09834341293003, 6);
    expect(sum('conv1.weight')).toBeCloseTo(-884.1920835400379, 6);
    expect(tensors['final_conv.bias']!.data[0]).toBe(-0.5740388631820679);
  });
});

describe('refusals', () => {
  const malformed: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['an empty file', new Uint8Array(0), /0 bytes/],
    ['a file that ends within the header length', new Uint8Array(7), /7 bytes/],
    ['a header that ends beyond the file', fileOf('{}', 0, 3n), /header length of 3 .* at most the 2/],
    ['a header longer than any should be', fileOf('{}', 0, 2n ** 63n), /9223372036854775808 .* at most 100000000/],
    ['a header that is not JSON', fileOf('{"a":', 0), /not JSON/],
    ['a header that is not UTF-8', fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 0), /not JSON in UTF-8/],
    ['an empty header', fileOf('', 0), /not JSON/],
    ['a header that is an array', fileOf('[]', 0), /the header \[\]/],
    ['a header that is null', fileOf('null', 0), /the header null/],
    ['a header nested absurdly deep', fileOf('['.repeat(1_000_000), 0), /more than 16 levels/],
    ['a tensor name that stands twice', fileOf(`{"a":{${two}},"a":{${two}}}`, 8), /"a" twice/],
    ['a name that stands twice, once escaped', fileOf(`{"a":{${two}},"\\u0061":{${two}}}`, 8), /"a" twice/],
    ['a field that stands twice', fileOf(tensor(`${two},"shape":[2]`), 8), /"shape" twice/],
    ['a tensor that is not an object', fileOf('{"a":[1]}', 0), /tensor "a": found \[1\]/],
    ['a missing dtype', fileOf(tensor('"shape":[2],"data_offsets":[0,8]'), 8), /dtype: found nothing/],
    ['a missing shape', fileOf(tensor('"dtype":"F32","data_offsets":[0,8]'), 8), /shape: found nothing/],
    ['missing offsets', fileOf(tensor('"dtype":"F32","shape":[2]'), 8), /data_offsets: found nothing/],
    ['a fractional shape', fileOf(tensor(two.replace('[2]', '[2.5]')), 8), /shape: found \[2.5\]/],
    ['a negative shape', fileOf(tensor(two.replace('[2]', '[-2,-1]')), 8), /shape: found \[-2,-1\]/],
    ['a shape of texts', fileOf(tensor(two.replace('[2]', '["2"]')), 8), /shape: found \["2"\]/],
    ['a shape that overflows', fileOf(tensor(two.replace('[2]', '[4294967296,4294967296]')), 8), /shape: .*no more/],
    ['a shape too large for the data', fileOf(tensor(two.replace('[2]', '[1000000000]')), 8), /8 bytes, .* 4000000000/],
    ['a shape too small for the data', fileOf(tensor(two.replace('[2]', '[1]')), 8), /8 bytes, expected 4/],
    ['one offset', fileOf(tensor(two.replace('[0,8]', '[8]')), 8), /data_offsets: found \[8\]/],
    ['offsets that run backwards', fileOf(tensor(two.replace('[0,8]', '[8,0]')), 8), /data_offsets: found \[8,0\]/],
    ['a negative offset', fileOf(tensor(two.replace('[0,8]', '[-8,0]')), 8), /data_offsets: found \[-8,0\]/],
    ['an offset beyond 2^53', fileOf(tensor(two.replace('[0,8]', '[0,1e300]')), 8), /data_offsets/],
    ['data that ends too soon', fileOf(tensor(two), 7), /an end within the 7 bytes/],
    ['trailing bytes', fileOf(tensor(two), 9), /9 bytes of data, expected 8/],
    ['data without tensors', fileOf('{}', 4), /4 bytes of data, expected 0/],
    ['a hole at the front', fileOf(tensor(two.replace('[0,8]', '[4,12]')), 12), /a hole: a begin of 4, expected 0/],
    [
      'a hole between tensors',
      fileOf(`{"b":{${two.replace('[0,8]', '[12,20]')}},"a":{${two}}}`, 20),
      /tensor "b".* a hole/,
    ],
    [
      'overlapping tensors',
      fileOf(`{"b":{${two.replace('[0,8]', '[4,12]')}},"a":{${two}}}`, 12),
      /an overlap: a begin of 4/,
    ],
    ['one place for two tensors', fileOf(`{"b":{${two}},"a":{${two}}}`, 8), /an overlap/],
    ['metadata that is not an object', fileOf('{"__metadata__":[]}', 0), /__metadata__: found \[\]/],
    ['metadata with a number', fileOf('{"__metadata__":{"a":1}}', 0), /__metadata__: found \{"a":1\}/],
  ];

  it.each(malformed)('refuses %s, and says what is wrong', (_, file, message) => {
    const error = refusal(file);
    expect(error.code).toBe('tensor-file.malformed');
    expect(error.place).toMatch(/^weights\.safetensors/);
    expect(error.message).toMatch(message);
  });

  it.each(['"F64"', '"F8_E4M3"', '"float32"', '"toString"', '""'])('refuses the dtype %s', (dtype) => {
    const error = refusal(fileOf(tensor(two.replace('"F32"', dtype)), 8));
    expect(error.code).toBe('tensor-file.unsupported-dtype');
    expect(error.message).toContain(`tensor "a", dtype: found ${dtype}, expected one of F32, F16, BF16`);
  });

  it('refuses a BOOL that is neither 0 nor 1, and says which', () => {
    const file = fileOf(tensor('"dtype":"BOOL","shape":[3],"data_offsets":[0,3]'), 3);
    file[file.length - 1] = 2;
    expect(refusal(file).message).toMatch(/tensor "a": found BOOL with the byte 2 at index 2/);
  });

  it('refuses an I64 that does not fit 32 bits, and reads the extremes that do', () => {
    const file = fileOf(tensor('"dtype":"I64","shape":[2],"data_offsets":[0,16]'), 16);
    const view = new DataView(file.buffer, file.length - 16);
    view.setBigInt64(0, -(2n ** 31n), true);
    view.setBigInt64(8, 2n ** 31n - 1n, true);
    expect(readSafetensors(file).tensors['a']?.data).toEqual(Int32Array.of(-(2 ** 31), 2 ** 31 - 1));
    view.setBigInt64(8, 2n ** 31n, true);
    const error = refusal(file);
    expect(error.code).toBe('tensor-file.unsupported-dtype');
    expect(error.message).toContain('the value 2147483648 at index 1');
  });

  it('cuts very long names out of its messages', () => {
    expect(refusal(fileOf(`{"${'x'.repeat(100_000)}":0}`, 0)).message.length).toBeLessThan(400);
  });
});
