import * as tf from '@tensorflow/tfjs-core';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { describe, expect, it } from 'vitest';
import { describeProfile } from './engine-profile.ts';

describe('describeProfile', () => {
  it('shows operators and source lines of what the compiled engine ran', async () => {
    const engine = createCompiledEngine({ cache: 'none', profile: 'operators' });
    const run = await engine.compile((_, { x }) => ({ outputs: { y: tf.sqrt(x!) } }), {
      name: 'root',
      inputs: { x: { shape: [2], dtype: 'float32' } },
    });
    await run.run({ x: Float32Array.of(1, 4) });
    const text = await describeProfile(engine);
    expect(text).toMatch(/^root: 1 run of /);
    expect(text).toMatch(/Sqrt +1 /);
    expect(text).toContain('engine-profile.test.ts:9');
    await engine.dispose();
  });

  it('says so where the engine records nothing', async () => {
    const engine = await createEagerEngine();
    expect(await describeProfile(engine)).toBe('The eager engine records no profile; choose --engine compiled.\n');
    await engine.dispose();
  });
});
