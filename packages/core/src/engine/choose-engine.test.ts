import { describe, expect, it } from 'vitest';
import type { Logger } from '../contracts/index.ts';
import { negatedRoot } from '../../../../test/support/engine-source-lines.ts';
import { chooseEngine } from './choose-engine.ts';
import type { CompiledEngine } from './compiled-engine.ts';

const told: string[] = [];
const ignore = () => {};
const logger: Logger = { debug: ignore, info: (line) => void told.push(line), warn: ignore, error: ignore };

describe('chooseEngine', () => {
  it('takes the compiled engine where nothing else is asked for, and says why', async () => {
    const engine = await chooseEngine({ name: 'auto', threads: 1, cache: 'none' }, logger);
    expect(engine.name).toBe('compiled');
    expect(told.at(-1)).toMatch(/^engine: compiled \(ONNX Runtime .*, 1 threads\), because it is the fastest/);
    await engine.dispose();
  });

  it('takes the eager engine where its backend is named', async () => {
    const engine = await chooseEngine({ name: 'auto', backend: 'cpu', cache: 'none' }, logger);
    expect(engine.name).toBe('eager');
    expect(told.at(-1)).toContain('because the configuration names the backend cpu');
    await engine.dispose();
  });

  it('hands on that the engine should record a profile', async () => {
    for (const [profile, functions] of [
      ['operators', 1],
      ['none', 0],
    ] as const) {
      const engine = (await chooseEngine({ name: 'compiled', cache: 'none', profile }, logger)) as CompiledEngine;
      const run = await engine.compile(negatedRoot, { name: 'f', inputs: { x: { shape: [1], dtype: 'float32' } } });
      await run.run({ x: Float32Array.of(4) });
      expect((await engine.profile()).functions).toHaveLength(functions);
      await engine.dispose();
    }
  });

  it('gives the provider that is named, or says what it lacks', async () => {
    const engine = await chooseEngine({ name: 'auto', provider: 'cpu', cache: 'none' }, logger);
    expect(told.at(-1)).toContain('because the configuration names the provider cpu');
    await engine.dispose();
    for (const choice of [
      { name: 'eager', provider: 'webgpu' },
      { name: 'auto', backend: 'cpu', provider: 'cpu' },
    ] as const) {
      await expect(chooseEngine(choice, logger)).rejects.toMatchObject({
        code: 'config.invalid',
        place: 'engine.provider',
      });
    }
  });
});
