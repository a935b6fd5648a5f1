import { describe, expect, it } from 'vitest';
import { tarFiles } from './tar-archive.ts';

/** A header and its content, as tar writes them. */
function entry(name: string, content: string, { kind = '0', prefix = '' } = {}): Uint8Array {
  const body = new TextEncoder().encode(content);
  const bytes = new Uint8Array(512 + Math.ceil(body.length / 512) * 512);
  const put = (text: string, at: number) => bytes.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put(`${body.length.toString(8).padStart(11, '0')} `, 124);
  put('        ', 148);
  put(kind, 156);
  put('ustar', 257);
  put(prefix, 345);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  bytes.set(body, 512);
  return bytes;
}
const archive = (...entries: readonly Uint8Array[]) =>
  Uint8Array.from([...entries, new Uint8Array(1024)].flatMap((one) => [...one]));
const read = (bytes: Uint8Array) =>
  [...tarFiles(bytes)].map(({ name, content }) => [name, new TextDecoder().decode(content)]);

describe('tarFiles', () => {
  it('gives files with their names and contents, and passes over folders', () => {
    const long = 'x'.repeat(513);
    const bytes = archive(
      entry('a/', '', { kind: '5' }),
      entry('a/b.txt', 'one'),
      entry('c', long),
      entry('empty', ''),
    );
    expect(read(bytes)).toEqual([
      ['a/b.txt', 'one'],
      ['c', long],
      ['empty', ''],
    ]);
  });

  it('puts long names together, of all three kinds, each for one file', () => {
    const name = `${'deep/'.repeat(30)}file`;
    const record = ` path=${name}\n`;
    const pax = `${record.length + 3}${record}`;
    const bytes = archive(
      entry('file', '1', { prefix: 'in/a/folder' }),
      entry('././@LongLink', `${name}\0`, { kind: 'L' }),
      entry('cut', '2'),
      entry('PaxHeaders/x', pax, { kind: 'x' }),
      entry('cut', '3'),
      entry('short', '4'),
    );
    expect(read(bytes)).toEqual([
      ['in/a/folder/file', '1'],
      [name, '2'],
      [name, '3'],
      ['short', '4'],
    ]);
  });

  it('refuses what is damaged or cut short', () => {
    const whole = archive(entry('a', 'one'));
    expect(() => read(whole.map((byte, at) => (at === 3 ? 1 : byte)))).toThrow(/damaged archive, at byte 0/);
    expect(() => read(whole.subarray(0, 513))).toThrow(/damaged archive/);
    expect(() => read(new Uint8Array(2048).fill(65))).toThrow(/damaged archive/);
  });
});
