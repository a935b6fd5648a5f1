import { describe, expect, it } from 'vitest';
import { lineHere } from '../../../../../test/support/engine-source-lines.ts';
import { shortLine } from './source-line.ts';

describe('sourceLine', () => {
  it('names the file and the line of the user’s code, relative to the working folder', () => {
    const { named, line } = lineHere();
    expect(named?.split(' from ')[0]).toBe(`test/support/engine-source-lines.ts:${line}`); // the caller is the runner’s
  });
});

describe('shortLine', () => {
  it('leaves out the column and the working folder', () => {
    expect(shortLine(`${process.cwd()}/model/block.ts:3:14`)).toBe('model/block.ts:3');
    expect(shortLine('/elsewhere/block.ts:3:14')).toBe('/elsewhere/block.ts:3');
  });

  it('names a file of an installed package by the package', () => {
    expect(shortLine('/app/node_modules/@acme/nets/dist/net.js:3:1')).toBe('@acme/nets/dist/net.js:3');
  });

  it('reads escaped paths', () => {
    expect(shortLine('/my%20models/net.ts:9:1')).toBe('/my models/net.ts:9');
  });
});
