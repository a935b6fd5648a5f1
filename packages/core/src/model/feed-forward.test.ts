import { describe, expect, it } from 'vitest';
import { weighted, worstGradientMismatch } from '../../../../test/support/tiny-gradient-check.ts';
import { tinyTransformer } from '../../../../test/support/tiny-model.ts';
import { largestDifference, wave, waveParameters } from '../../../../test/support/tiny-numbers.ts';
import { runOnce } from '../../../../test/support/tiny-run.ts';
import type { HostTensor } from '../contracts/tensors.ts';
import { createCompiledEngine } from '../engine/compiled-engine.ts';
import { createEagerEngine } from '../engine/eager-engine.ts';
import { feedForward } from './feed-forward.ts';
import { scoped } from './scoped.ts';
import { transformerParameters } from './transformer-parameters.ts';

const config = tinyTransformer({ width: 4, heads: 1, keyValueHeads: 1, depth: 1, feedForwardWidth: 6 });
const layer = 'blocks.0.feed_forward';
const all = waveParameters(transformerParameters(config, 3));
const params: Record<string, HostTensor> = {
  ...Object.fromEntries(Object.entries(all).filter(([name]) => name.startsWith(layer))),
  x: { shape: [2, 3, 4], dtype: 'float32', data: wave(40, 24) },
};
const engines = { eager: await createEagerEngine(), compiled: createCompiledEngine({ threads: 1 }) };

describe.each(Object.entries(engines))('the feed-forward, %s', (_, engine) => {
  it('is down(silu(gate) * up) of the normalized input, number by number', async () => {
    const { y } = await runOnce(
      engine,
      (inputs) => ({ y: feedForward(scoped(inputs, layer), config, inputs['x']!) }),
      params,
    );
    const weight = (name: string) => params[`${layer}.${name}.weight`]!.data;
    const expected: number[] = [];
    for (let row = 0; row < 6; row++) {
      const x = Array.from(params['x']!.data.slice(row * 4, row * 4 + 4));
      const scale = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / 4 + config.normEpsilon);
      const normed = x.map((value, index) => value * scale * weight('norm')[index]!);
      const into = (name: string, column: number) =>
        normed.reduce((sum, value, index) => sum + value * weight(name)[index * 6 + column]!, 0);
      const inner = Array.from({ length: 6 }, (_, column) => {
        const gate = into('gate', column);
        return (gate / (1 + Math.exp(-gate))) * into('up', column);
      });
      for (let column = 0; column < 4; column++) {
        expected.push(inner.reduce((sum, value, index) => sum + value * weight('down')[index * 4 + column]!, 0));
      }
    }
    expect(y!.shape).toEqual([2, 3, 4]);
    expect(largestDifference(y!.data, expected)).toBeLessThan(2e-6);
  });

  it('has the gradients that finite differences show', async () => {
    const worst = await worstGradientMismatch(
      engine,
      (inputs) => weighted(feedForward(scoped(inputs, layer), config, inputs['x']!)),
      params,
    );
    expect(worst.mismatch, worst.name).toBeLessThan(0.01);
  });
});
