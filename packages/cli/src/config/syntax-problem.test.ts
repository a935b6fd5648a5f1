import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moduleProblem } from './syntax-problem.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfuse-syntax-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('moduleProblem', () => {
  it('finds the line of a syntax error, which an import does not tell', async () => {
    const file = join(folder, 'broken.mjs');
    await writeFile(file, 'export default {\n\n  a: = 2,\n};');
    expect(await moduleProblem(new SyntaxError("Unexpected token '='"), file)).toBe("Unexpected token '=' in line 3");
  });

  it('gives no line where the file itself is right', async () => {
    const file = join(folder, 'right.mjs');
    await writeFile(file, "import './broken.mjs';");
    expect(await moduleProblem(new SyntaxError('Unexpected end of input'), file)).toBe('Unexpected end of input');
  });

  it('names the file where the parser says that it is another one', async () => {
    const error = new Error('ParseError: Unexpected token  \n /elsewhere/part.ts:7:2');
    expect(await moduleProblem(error, join(folder, 'run.ts'))).toBe('Unexpected token in line 7 of /elsewhere/part.ts');
  });
});
