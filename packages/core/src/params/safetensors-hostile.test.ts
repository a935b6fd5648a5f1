import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { TransfuseError } from '../errors/index.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';

/* Files that nobody would write by mistake: whatever the bytes, the reader reads them or refuses them properly. */

const good = writeSafetensors(
  {
    weight: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1.5, -2, 0.1, 65504) },
    mask: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    counts: { dtype: 'int32', shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) },
    nothing: { dtype: 'float32', shape: [0, 4], data: new Float32Array(0) },
  },
  { metadata: { format: 'pt' }, dtype: 'bfloat16' },
);
const headerEnd = 8 + Number(new DataView(good.buffer).getBigUint64(0, true));

function fileOf(header: string, dataLength: number): Uint8Array {
  const bytes = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + bytes.length + dataLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}

describe('hostile files', () => {
  /** Reads or refuses properly, and never makes more elements than the file has bytes. */
  function checkOutcome(file: Uint8Array): void {
    try {
      const { tensors } = readSafetensors(file);
      const elements = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
      expect(elements).toBeLessThanOrEqual(file.length);
    } catch (error) {
      if (!(error instanceof TransfuseError)) throw error;
      expect(error.code).toMatch(/^tensor-file\./);
    }
  }

  const change = fc.record({
    at: fc.nat({ max: good.length }),
    remove: fc.nat({ max: 12 }),
    insert: fc.uint8Array({ maxLength: 12 }),
  });

  it('survives any few changes to a good file', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        let file = Uint8Array.from(good);
        for (const { at, remove, insert } of changes) {
          file = Uint8Array.from([...file.subarray(0, at), ...insert, ...file.subarray(at + remove)]);
        }
        checkOutcome(file);
      }),
      { numRuns: 2000 },
    );
  });

  it('survives any printable change within the header, where the length stays right', () => {
    const printable = fc.integer({ min: 0x20, max: 0x7e });
    const flips = fc.array(fc.tuple(fc.integer({ min: 8, max: headerEnd - 1 }), printable), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(flips, (changes) => {
        const file = Uint8Array.from(good);
        for (const [at, byte] of changes) file[at] = byte;
        checkOutcome(file);
      }),
      { numRuns: 2000 },
    );
  });

  it('survives any header of the right form with any numbers in it', () => {
    const number = fc.oneof(fc.nat({ max: 16 }), fc.maxSafeInteger(), fc.double(), fc.constant(2 ** 32));
    const entry = fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'I32', 'U8', 'BOOL', 'F64'),
      shape: fc.array(number, { maxLength: 4 }),
      data_offsets: fc.array(number, { minLength: 2, maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), entry, { maxKeys: 4 }), fc.nat({ max: 64 }), (header, dataLength) => {
        checkOutcome(fileOf(JSON.stringify(header), dataLength));
      }),
      { numRuns: 2000 },
    );
  });

  it('survives any JSON as a header', () => {
    fc.assert(fc.property(fc.json(), (header) => checkOutcome(fileOf(header, 0))));
  });

  it('finds every duplicate key, wherever it stands', () => {
    const names = fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(names, fc.nat(), fc.boolean(), (keys, choice, twice) => {
        const all = twice ? [...keys, keys[choice % keys.length]!] : keys;
        const metadata = all.map((key) => `${JSON.stringify(key)} : "{\\"x\\":[}"`).join(',');
        const file = fileOf(`{"__metadata__":{${metadata}}}`, 0);
        if (twice) expect(() => readSafetensors(file)).toThrow(/ twice in one object/);
        else expect(Object.keys(readSafetensors(file).metadata).toSorted()).toEqual(keys.toSorted());
      }),
    );
  });
});
