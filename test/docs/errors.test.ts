// Keeps docs/errors.md and the table of error codes equal, in both directions.
import { readFileSync } from 'node:fs';
import { errorCodes } from '@transfuse/core';
import { describe, expect, it } from 'vitest';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` \| (.+?) \| (.+) \|$/gm)].map(([, code, raised, mend]) => ({
  code,
  raised,
  mend,
}));

describe('docs/errors.md', () => {
  it('lists every code of the table', () => {
    expect(rows.map(({ code }) => code)).toEqual(expect.arrayContaining(Object.keys(errorCodes)));
  });

  it('lists no code that is not in the table, and none twice', () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(errorCodes));
  });

  it('says when each is raised in the words of the table', () => {
    expect(Object.fromEntries(rows.map(({ code, raised }) => [code, raised]))).toEqual(errorCodes);
  });

  it('says of each how it is typically mended', () => {
    for (const { code, mend = '' } of rows) expect(mend.length, code).toBeGreaterThan(20);
  });
});
