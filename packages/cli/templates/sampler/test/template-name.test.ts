/** The conformance suites, and what is special about this sampler. */
import { strict as assert } from 'node:assert';
import { describe, it } from 'node:test';
import { checkPlugin, checkSampler, straightSchedule } from '@transfuse/core/testing';
import plugin, { createTemplateNameSampler } from '../src/index.ts';

checkPlugin(plugin).register({ describe, it });
checkSampler(() => createTemplateNameSampler()).register({ describe, it });
checkSampler(() => createTemplateNameSampler({ order: 1 }), { title: 'sampler of order 1' }).register({ describe, it });

describe('template-name', () => {
  /** How far from the truth the run of one number ends, for data from N(0, 1/4) with the best denoiser. */
  function error(order: number, steps: number): number {
    const run = createTemplateNameSampler({ order }).begin(straightSchedule, { steps });
    let state = run.start(Float32Array.of(1));
    for (const { level } of run.evaluations) {
      const { alpha, sigma } = level;
      const x = state.latent[0]!;
      const variance = 0.25 * alpha ** 2 + sigma ** 2;
      const clean = Float32Array.of((0.25 * alpha * x) / variance);
      state = run.step(state, { clean, noise: Float32Array.of((sigma * x) / variance) }, () => new Float32Array(1));
    }
    return Math.abs(state.latent[0]! - 0.5); // noise of 1 belongs to a number of 0.5
  }

  it('is more exact with the second order than with the first', () => {
    assert.ok(error(2, 20) < error(1, 20) / 3);
  });
});
