import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../../../../test/support/engine-host-tensor.ts';
import { createBrowserEngine } from './browser-engine.ts';

// What can be seen without a browser: the WebAssembly of onnxruntime-web runs in Node.js. See test/browser for the rest.

describe('createBrowserEngine', () => {
  it.each([
    [{ provider: 'cuda' as 'wasm' }, 'browser engine, provider', '"cuda"'],
    [{ threads: 0 }, 'browser engine, threads', '0'],
    [{ threads: 1.5 }, 'browser engine, threads', '1.5'],
  ])('refuses %o', async (options, place, found) => {
    await expect(createBrowserEngine(options)).rejects.toMatchObject({ code: 'config.invalid', place, found });
  });

  it('says what is missing where there is no graphics processor', async () => {
    await expect(createBrowserEngine({ provider: 'webgpu' })).rejects.toMatchObject({
      code: 'engine.unavailable',
      place: 'browser engine, provider webgpu',
      found: 'no navigator.gpu',
    });
  });

  it('ends its waiting when the signal says so, before or meanwhile', async () => {
    const stopped = { code: 'engine.aborted', cause: 'enough' };
    await expect(createBrowserEngine({ signal: AbortSignal.abort('enough') })).rejects.toMatchObject(stopped);
    const controller = new AbortController();
    const creating = createBrowserEngine({ signal: controller.signal });
    controller.abort('enough');
    await expect(creating).rejects.toMatchObject(stopped);
    const engine = await createBrowserEngine({ signal: new AbortController().signal });
    await engine.dispose();
  });

  it('describes itself, and tells the logger of it', async () => {
    const told: string[] = [];
    const tell = (line: string) => void told.push(line);
    const engine = await createBrowserEngine({ logger: { debug: tell, info: tell, warn: tell, error: tell } });
    expect(engine.description).toMatch(/^ONNX Runtime \d[\d.]+, wasm, 1 thread/);
    expect(told[0]).toBe(`engine: compiled (${engine.description})`);
    await engine.dispose();
  });

  it('shares one runtime among its engines, which take turns', async () => {
    const engines = await Promise.all([createBrowserEngine(), createBrowserEngine()]);
    const results = await Promise.all(
      engines.map(async (engine, index) => {
        const store = engine.createStore({ w: float32([2], [index + 1, 10]) });
        const run = await engine.compile(
          ({ params }, { x }) => ({
            outputs: { y: tf.mul(params!['w']!, x!) },
            updates: { params: { w: tf.add(params!['w']!, 1) } },
          }),
          { name: 'grow', inputs: { x: { shape: [2], dtype: 'float32' } }, stores: { params: store } },
        );
        for (let count = 0; count < 4; count++) await run.run({ x: Float32Array.of(1, 1) });
        const { y } = await run.run({ x: Float32Array.of(2, 3) });
        return [...y!.data, ...(await store.read('w')).data];
      }),
    );
    expect(results).toEqual([
      [10, 42, 6, 15],
      [12, 42, 7, 15],
    ]);
    for (const engine of engines) await engine.dispose();
  });

  it('refuses work after its end, while others go on', async () => {
    const [ended, living] = [await createBrowserEngine(), await createBrowserEngine()];
    await ended.dispose();
    expect(() => ended.createStore({})).toThrow(expect.objectContaining({ code: 'host.disposed' }));
    const run = await living.compile((_, { x }) => ({ outputs: { y: tf.neg(x!) } }), {
      name: 'negative',
      inputs: { x: { shape: [1], dtype: 'float32' } },
    });
    expect((await run.run({ x: Float32Array.of(2) }))['y']!.data).toEqual(Float32Array.of(-2));
    await living.dispose();
  });
});
