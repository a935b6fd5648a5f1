import { describe, expect, it } from 'vitest';
import { docstringFencesOf, fencesOf } from './code-block.ts';

const page = [
  '# Title',
  '```ts',
  'a;',
  'b;',
  '```',
  '```sh',
  'ls',
  '```',
  '```ts file=train.ts no-run needs a GPU',
  'c;',
  '```',
];

describe('fencesOf', () => {
  it('finds fences of the language with the line their code begins on', () => {
    expect(fencesOf(page.join('\n'))).toEqual([
      { language: 'ts', line: 3, code: 'a;\nb;' },
      { language: 'ts', line: 10, code: 'c;', file: 'train.ts', skip: 'needs a GPU' },
    ]);
  });

  it('refuses a fence that is never closed', () => {
    expect(() => fencesOf('```ts\na;')).toThrow('before line 2');
  });
});

describe('docstringFencesOf', () => {
  it('finds examples inside docstrings only, with the name of what they document', () => {
    const source = [
      '// ```ts',
      '/**',
      ' * Adds.',
      ' * ```ts',
      ' * add(1, 2);',
      ' * ```',
      ' */',
      'export function add() {}',
    ].join('\n');
    expect(docstringFencesOf(source)).toEqual([{ language: 'ts', line: 5, code: 'add(1, 2);', subject: 'add' }]);
  });
});
