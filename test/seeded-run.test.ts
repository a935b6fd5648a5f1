import { readFileSync } from 'node:fs';
import { createTorchRandom } from '@transfuse/core';
import { toEstimate } from '@transfuse/core/objective';
import { readSchedulerConfig } from '@transfuse/plugins/scheduler-config';
import { describe, expect, it } from 'vitest';

// Sample for sample: runs of diffusers schedulers with torch's generator, `test/reference/seeded_run.py`, followed from
// their scheduler_config.json and their seed alone.

interface SeededRun {
  readonly config: Readonly<Record<string, unknown>> & { readonly _class_name: string };
  readonly steps: number;
  readonly seed: number;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly latent: readonly number[];
}
const { cases } = JSON.parse(readFileSync(new URL('./seeded-run.fixture.json', import.meta.url), 'utf8')) as {
  cases: SeededRun[];
};

const size = 3 * 8 * 8;

describe('a seeded run gives the samples of torch', () => {
  it.each(cases.map((item) => [`${item.config._class_name}, seed ${item.seed}`, item] as const))('%s', (_, item) => {
    const { schedule, prediction, sampler, timestepOf } = readSchedulerConfig(item.config, item.arguments);
    const run = sampler.begin(schedule, { steps: item.steps });
    const random = createTorchRandom(item.seed);
    const draw = () => random.fillNormal(new Float32Array(size));
    let state = run.start(draw());
    for (const { time, level } of run.evaluations) {
      const seen = state.latent;
      const output = seen.map((x, i) => {
        const neighbour = seen[(i + 1) % size]!;
        return 0.8 * Math.tanh(0.9 * x + 0.4 * neighbour + 0.3 * Math.cos(timestepOf(time) / 150));
      });
      state = run.step(state, toEstimate(output, seen, prediction, level), draw);
    }
    const scale = Math.sqrt(item.latent.reduce((sum, x) => sum + x * x, 0) / size);
    state.latent.forEach((x, i) => expect(Math.abs(x - item.latent[i]!) / scale).toBeLessThan(1e-4));
  });
});
