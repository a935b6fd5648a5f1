import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { refusedCases, refusedFunction } from '../../../../../test/support/engine-refused-cases.ts';
import { expectRefusal } from '../../../../../test/support/engine-refusal.ts';
import { createCompiledEngine } from '../compiled-engine.ts';
import { isFromOperations, userLine } from './user-line.ts';

const engine = createCompiledEngine({ threads: 1 });
afterAll(() => engine.dispose());

const options = { name: 'refused', inputs: { x: { shape: [4, 4], dtype: 'float32' as const } } };

describe('a function that is compiled', () => {
  it.each(refusedCases)('is refused for $title, naming the line', async (refused) => {
    const line = /^compiled function refused, at \S*engine-refused-cases\.ts:\d+:\d+: found /;
    await expectRefusal(() => engine.compile(refusedFunction(refused), options), refused.code, line, ...refused.says);
  });

  it('is refused where it returns a promise, whatever becomes of that', async () => {
    for (const later of [async () => ({ outputs: {} }), async () => Promise.reject(new Error('too late'))]) {
      await expectRefusal(
        () => engine.compile(later as never, options),
        'engine.untraceable',
        'promise',
        'synchronous',
      );
    }
  });

  it('leaves Math.random, stack depths and the console as they were, refused or not', async () => {
    const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const before = [Math.random, Error.stackTraceLimit];
    for (const refused of refusedCases) await engine.compile(refusedFunction(refused), options).catch(() => undefined);
    expect([Math.random, Error.stackTraceLimit]).toEqual(before);
    expect(Math.random()).toBeLessThan(1);
    expect(complaint).not.toHaveBeenCalled();
    complaint.mockRestore();
  });

  it('may drop out nothing', async () => {
    const compiled = await engine.compile((_, { x }) => ({ outputs: { y: tf.dropout(x!, 0) } }), options);
    expect((await compiled.run({ x: new Float32Array(16).fill(3) }))['y']!.data[0]).toBe(3);
    await compiled.dispose();
  });
});

describe('the user’s line in a stack trace', () => {
  const engineFile = new URL('./trace-backend.ts', import.meta.url);
  const frames = (...lines: string[]) => ['Error: odd', ...lines.map((line) => `    at ${line}`)].join('\n');

  it('is the first outside of TensorFlow.js and of the engine, in any notation', () => {
    const others = [`run (${engineFile.href}:3:4)`, 'op (/x/node_modules/@tensorflow/tfjs-core/dist/a.js:1:2)'];
    expect(userLine(frames(...others, 'mine (file:///home/me/model.ts:12:5)'))).toBe('/home/me/model.ts:12:5');
    expect(userLine(frames(...others, '/home/me/model.js:12:5', '/home/me/main.js:1:1'))).toBe(
      '/home/me/model.js:12:5',
    );
    expect(userLine(frames(...others, 'async mine (file:///C:/me/model.js:1:9)'))).toMatch(/C:\/me\/model\.js:1:9$/);
  });

  it('is found where a path is no address', () => {
    expect(userLine(frames('mine (/home/me/100%/model.cjs:12:5)'))).toBe('/home/me/100%/model.cjs:12:5');
  });

  it('is told from lines of operations, in which the innermost frame lies', () => {
    const [operation, mine] = ['op (/x/@tensorflow/tfjs-core/dist/a.js:1:2)', 'mine (/home/me/model.js:12:5)'];
    expect(isFromOperations(frames(operation, mine))).toBe(true);
    expect(isFromOperations(frames(`run (${engineFile.href}:3:4)`, mine))).toBe(true);
    expect(isFromOperations(frames(mine, operation))).toBe(false);
    expect(isFromOperations(frames())).toBe(false);
  });

  it('is missing where every frame is someone else’s', () => {
    expect(
      userLine(frames(`run (${engineFile.href}:3:4)`, 'next (node:internal/process:5:6)', 'x (<anonymous>)')),
    ).toBe(undefined);
  });
});
