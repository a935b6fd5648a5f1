import { expect, it } from 'vitest';
import { formatBytes } from './byte-size.ts';
import { alignColumns } from './columns.ts';

it('columns are as wide as their widest cell, the last as wide as it is', () => {
  expect(
    alignColumns([
      ['a', 'bb', 'c'],
      ['aaa', 'b', 'ccc'],
      ['aa', 'x'],
    ]),
  ).toEqual(['a    bb  c', 'aaa  b   ccc', 'aa   x']);
});

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [999_499, '999 kB'],
  [999_500, '1 MB'],
  [2_408_080, '2.41 MB'],
  [5e15, '5000 TB'],
])('%d bytes are shown as %s', (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown);
});
