import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTar } from './tar-archive.ts';
import { tarOf } from '../../../../../test/support/animated-emoji-sources.ts';

const name = fc.stringMatching(/^[a-z0-9_/]{1,90}$/);
const files = fc.array(fc.record({ name, data: fc.uint8Array({ maxLength: 1200 }) }), { maxLength: 4 });

describe('readTar', () => {
  it('gives back the files of an archive, in order', () => {
    fc.assert(
      fc.property(files, (given) => {
        const found = [...readTar(tarOf(given))].map((file) => ({ name: file.name, data: [...file.data] }));
        expect(found).toEqual(given.map((file) => ({ name: file.name, data: [...file.data] })));
      }),
    );
  });

  it('passes over folders and links, and puts long names together', () => {
    const archive = tarOf([
      { name: 'folder/', data: new Uint8Array(0), kind: '5' },
      { name: 'file', data: Uint8Array.of(1), prefix: 'a/long/way' },
      { name: 'link', data: new Uint8Array(0), kind: '2' },
    ]);
    expect([...readTar(archive)].map((file) => file.name)).toEqual(['a/long/way/file']);
  });

  it('refuses what is no archive, and what is cut off', () => {
    expect(() => [...readTar(new Uint8Array(512).fill(65))]).toThrow('no tar archive');
    const archive = tarOf([{ name: 'file', data: new Uint8Array(900) }]);
    expect(() => [...readTar(archive.subarray(0, 1000))]).toThrow('cut off');
  });
});
