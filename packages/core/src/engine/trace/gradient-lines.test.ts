import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import {
  handWrittenSlope,
  helped,
  lines,
  negatedRoot,
  slope,
} from '../../../../../test/support/engine-source-lines.ts';
import { traceFunction } from './trace-function.ts';

const signature = { name: 'f', inputs: { x: { shape: [3], dtype: 'float32' } }, stores: {}, constants: {} } as const;
const file = 'test/support/engine-source-lines.ts';

/** Where the nodes come from, by operator. */
function sources(run: Parameters<typeof traceFunction>[0]): Record<string, (string | undefined)[]> {
  const found: Record<string, (string | undefined)[]> = {};
  for (const { op, source } of traceFunction(run, { ...signature, lines: 'recorded' }).nodes)
    (found[op] ??= []).push(source);
  return found;
}

describe('withSourceLines', () => {
  it('gives a node the line that made it', () => {
    const found = sources(negatedRoot);
    expect(found).toEqual({ Sqrt: [`${file}:${lines.root}`], Neg: [`${file}:${lines.negation}`] });
    expect(lines.negation).toBe(lines.root + 2);
  });

  it('tells beside a helper’s line the line that called it', () => {
    expect(sources(helped)).toEqual({
      Abs: [`test/support/engine-source-helper.ts:6 from engine-source-lines.ts:${lines.helped}`],
    });
  });

  it('gives the nodes of a gradient the line of the forward operation', () => {
    const found = sources(slope);
    expect(found['Cos']).toEqual([`gradient of ${file}:${lines.sine}`]);
    expect(found['Mul']).toEqual([`gradient of ${file}:${lines.exponential}`, `gradient of ${file}:${lines.sine}`]);
  });

  it('does so for gradients written by hand', () => {
    expect(sources(handWrittenSlope)['Abs']).toEqual([`gradient of ${file}:${lines.tripling}`]);
  });

  it('leaves TensorFlow.js as it was, also after a failure', () => {
    const failing = () => {
      throw new Error('not today');
    };
    expect(() => sources(failing)).toThrow('not today');
    sources(negatedRoot);
    expect(Object.hasOwn(tf.engine(), 'addTapeNode')).toBe(false);
    expect(typeof (tf.engine() as unknown as Record<string, unknown>)['addTapeNode']).toBe('function');
  });

  it('records no lines unless asked to', () => {
    const { nodes } = traceFunction(negatedRoot, signature);
    expect(nodes.map(({ source }) => source)).toEqual([undefined, undefined]);
  });
});
