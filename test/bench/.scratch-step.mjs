import { createRandom } from '@transfuse/core';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { createTrainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { benchModel } from './bench-model.mjs';
const samples = +(process.env.SAMPLES ?? 64);
const random = createRandom('bench');
const items = Array.from({ length: samples }, (_, i) => ({
  id: String(i),
  segments: [
    { modality: 'text', value: Array.from({ length: 12 }, () => random.integer(507)) },
    {
      modality: 'image',
      value: { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, () => random.integer(256)) },
    },
  ],
}));
const model = benchModel({ sequenceLength: 64 });
const mk = async (engine) =>
  createTrainer({
    engine,
    model,
    split: { name: 'train', length: samples, item: (i) => items[i] },
    schedule: createFlowMatchingSchedule(),
    settings: {
      objective: {
        captionFirst: 0.8,
        captionDropout: 0,
        imageFirstTimeCap: 0.5,
        diffusionWeight: 5,
        prediction: 'sample',
        lossSpace: 'velocity',
        minimumLossTime: 0.05,
      },
      train: {
        betas: [0.9, 0.95],
        epsilon: 1e-8,
        weightDecay: 0.1,
        clip: 1,
        steps: 1e6,
        warmup: 10,
        learningRate: 3e-4,
        finalLearningRateRatio: 0.05,
        rows: samples,
        rowLength: 32,
        accumulate: 1,
        ema: { decay: 0.999, warm: 'ramp' },
        seed: 0,
      },
    },
  });
const engines = {};
for (const k of process.argv[2].split(','))
  engines[k] =
    k === 'compiled'
      ? createCompiledEngine({ threads: +(process.env.THREADS ?? 2) })
      : await createEagerEngine({ backend: k });
const tr = {};
const t = {};
for (const k in engines) {
  tr[k] = await mk(engines[k]);
  const s = performance.now();
  const r = await tr[k].step();
  console.log(k, engines[k].description, 'first', (performance.now() - s).toFixed(0), r.total, r.gradientNorm);
  t[k] = [];
}
if (process.env.PROF) {
  const tf = (await import('node:module')).createRequire('/work/main/packages/core/src/x.ts')('@tensorflow/tfjs-core');
  const agg = {};
  for (const c of tf.getKernelsForBackend('wasm')) {
    const f = c.kernelFunc;
    c.kernelFunc = (a) => {
      const s = performance.now();
      const r = f(a);
      const e = (agg[c.kernelName] ??= [0, 0]);
      e[0] += performance.now() - s;
      e[1]++;
      return r;
    };
  }
  await tr.wasm.step();
  console.table(
    Object.entries(agg)
      .sort((a, b) => b[1][0] - a[1][0])
      .slice(0, 16)
      .map(([k, [ms, n]]) => ({ k, ms: ms.toFixed(0), n })),
  );
  process.exit(0);
}
for (let i = 0; i < +(process.env.STEPS ?? 3); i++)
  for (const k in tr) {
    const s = performance.now();
    const r = await tr[k].step();
    t[k].push(performance.now() - s);
    console.log(k, t[k].at(-1).toFixed(0), r.total, r.gradientNorm);
  }
for (const k in t) console.log('median', k, t[k].sort((a, b) => a - b)[t[k].length >> 1].toFixed(0));
