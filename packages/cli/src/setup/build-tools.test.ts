import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putFile } from '../testing/pretended-tensorflow.ts';
import { recordMachine } from '../testing/recorded-machine.ts';
import { findCppCompiler } from './cpp-compiler.ts';
import { findNodeHeaders } from './node-headers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'transfuse-tools-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the compiler', () => {
  const having = (programs: readonly string[], environment = {}) =>
    recordMachine({
      project: folder,
      environment,
      answer: ({ program }) => (programs.includes(program) ? { stdout: `${program} 12.2\nand more` } : undefined),
    });

  it('is the first of the usual ones that runs', async () => {
    expect(await findCppCompiler(having(['clang++', 'g++']))).toEqual({
      program: 'g++',
      args: [],
      version: 'g++ 12.2',
    });
  });

  it('is what CXX names, with its arguments', async () => {
    expect(await findCppCompiler(having(['g++', 'ccache'], { CXX: ' ccache g++-13 ' }))).toEqual({
      program: 'ccache',
      args: ['g++-13'],
      version: 'ccache 12.2',
    });
  });

  it('is asked for where none runs', async () => {
    await expect(findCppCompiler(having([]))).rejects.toMatchObject({
      code: 'engine.unavailable',
      found: 'none of c++, g++ and clang++',
      mend: expect.stringContaining('apt-get install g++'),
    });
  });

  it('is not replaced where CXX names one that does not run', async () => {
    await expect(findCppCompiler(having(['g++'], { CXX: 'icpc' }))).rejects.toMatchObject({
      place: 'CXX',
      found: '"icpc", which does not run',
    });
  });
});

describe('the headers of Node.js', () => {
  it.each([
    ['beside the running one', 'node/include/node', {}],
    ['where npm’s nodedir says', 'sources/include/node', { npm_config_nodedir: 'sources' }],
    ['where node-gyp put them', '.cache/node-gyp/20.20.2/include/node', {}],
    ['in the package node-api-headers', 'node_modules/node-api-headers/include', {}],
  ])('are found %s', (_, place, variables) => {
    putFile(join(folder, place, 'node_api.h'));
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, join(folder, value)]),
    );
    expect(findNodeHeaders(recordMachine({ project: folder, environment }))).toBe(join(folder, place));
  });

  it('are asked for where there are none', () => {
    expect(() => findNodeHeaders(recordMachine({ project: folder }))).toThrowError(
      expect.objectContaining({
        code: 'engine.unavailable',
        found: 'no headers of Node.js 20.20.2',
        mend: expect.stringContaining('npm install --no-save node-api-headers'),
      }),
    );
  });
});
