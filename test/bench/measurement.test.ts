// What a benchmark says of itself is right: whose time it is, and whose memory.
import { execFileSync } from 'node:child_process';
import { createCompiledEngine } from '@transfuse/core/engine';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timedEngine } from './timed-engine.mjs';

const inputs = { x: { shape: [2], dtype: 'float32' } } as const;
const [tracing, compiling, binding] = [120, 360, 40]; // milliseconds of a clock that nothing else moves
let clock = 0;

/** A function that takes its time to trace. */
const slow = (_: unknown, { x }: Readonly<Record<string, tf.Tensor>>) => {
  clock += tracing;
  return { outputs: { y: tf.neg(x!) } };
};

describe('an engine that is timed', () => {
  const compiled = createCompiledEngine({ threads: 1, cache: 'none' });
  const engine: typeof compiled = {
    ...compiled,
    async compile(run, options) {
      const ready = await compiled.compile(run, options);
      clock += binding;
      return ready;
    },
  };
  const create = ort.InferenceSession.create.bind(ort.InferenceSession) as (...args: unknown[]) => Promise<unknown>;
  beforeEach(() => {
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    vi.spyOn(ort.InferenceSession, 'create').mockImplementation((async (...args: unknown[]) => {
      clock += compiling;
      return create(...args);
    }) as never);
  });
  afterEach(() => vi.restoreAllMocks());

  it('tells the tracing of a function from the compiling of its graph, and from what comes after', async () => {
    const { engine: timed, times } = timedEngine(engine);
    const run = await timed.compile(slow, { name: 'slow', inputs });
    expect(times()).toEqual({ trace: tracing, compile: compiling, bind: binding });
    expect((await run.run({ x: Float32Array.of(1, 2) }))['y']!.data).toEqual(Float32Array.of(-1, -2));
    await run.dispose();
  });

  it('has no compiling where the session is there already', async () => {
    const first = await engine.compile(slow, { name: 'first', inputs });
    const { engine: timed, times } = timedEngine(engine);
    const second = await timed.compile(slow, { name: 'second', inputs });
    expect(times()).toEqual({ trace: tracing + binding, compile: 0, bind: 0 });
    await Promise.all([first.dispose(), second.dispose()]);
  });

  it('leaves the runtime as it was, after a failure too', async () => {
    const before = ort.InferenceSession.create;
    const { engine: timed } = timedEngine(engine);
    const fail = () => {
      throw new Error('not today');
    };
    await expect(timed.compile(fail, { name: 'failing', inputs })).rejects.toThrow('not today');
    expect(ort.InferenceSession.create).toBe(before);
  });
});

describe.runIf(process.platform === 'linux')('the peak memory of a process', () => {
  const held = 400; // MiB, several times what Node.js itself holds
  const peakOf = (work: string) => {
    const module = new URL('./peak-memory.mjs', import.meta.url);
    const code = `import { peakMemoryMiB } from '${module}'; ${work}; console.log(peakMemoryMiB());`;
    const args = ['--expose-gc', '--input-type=module', '--eval', code];
    return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  };

  it('is its own, whatever the process holds that started it', () => {
    const ballast = Buffer.alloc(held * 2 ** 20, 1);
    expect(peakOf('')).toBeLessThan(held);
    expect(ballast.at(-1)).toBe(1);
  });

  it('is the most it held, not what it holds in the end', () => {
    const freed = 'gc(); await new Promise((resolve) => setTimeout(resolve, 100))';
    expect(peakOf(`Buffer.alloc(${held} * 2 ** 20, 1); ${freed}`)).toBeGreaterThan(held);
  });
});
