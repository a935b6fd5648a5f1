import os from 'node:os';
process.env.VK_DRIVER_FILES = '/usr/lib/chromium/vk_swiftshader_icd.json';
try {
  process.dlopen({ exports: {} }, '/usr/lib/chromium/libvulkan.so.1', os.constants.dlopen.RTLD_NOW | 0x1000);
} catch {}
import { createRandom } from '@transfuse/core';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { createTrainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { linearPatchImage } from '@transfuse/adapters/image';
import { defineModel } from '@transfuse/core/model';
const ids = {
  kind: 'discrete',
  modality: 'text',
  vocabularySize: 61,
  encode: (r) => Int32Array.from(r),
  decode: (t) => '',
  createIncrementalDecoder: () => ({ push: () => '', flush: () => '' }),
  assets: () => ({}),
};
const model = defineModel(
  {
    width: 32,
    depth: 2,
    heads: 2,
    keyValueHeads: 2,
    feedForwardWidth: 64,
    sequenceLength: 32,
    ropeBase: 1e4,
    normEpsilon: 1e-5,
    queryKeyNorm: 'none',
    head: 'untied',
  },
  [ids, linearPatchImage({ size: 16, patchSize: 8 })],
);
const samples = 4;
const random = createRandom('b');
const items = Array.from({ length: samples }, (_, i) => ({
  id: String(i),
  segments: [
    { modality: 'text', value: Array.from({ length: 8 }, () => random.integer(61)) },
    {
      modality: 'image',
      value: { width: 16, height: 16, data: Uint8Array.from({ length: 768 }, () => random.integer(256)) },
    },
  ],
}));
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
        rowLength: 16,
        accumulate: 1,
        ema: { decay: 0.999, warm: 'ramp' },
        seed: 0,
      },
    },
  });
const mkE = {
  cpu: () => createEagerEngine(),
  compiled: () => createCompiledEngine({ threads: 1, cache: 'none' }),
  wasm: () => createEagerEngine({ backend: 'wasm' }),
  webgpu: () => createEagerEngine({ backend: 'webgpu' }),
  ort: () => createCompiledEngine({ provider: 'webgpu' }),
};
const ref = [];
for (const k of process.argv.slice(2)) {
  const e = await mkE[k]();
  const t = await mk(e);
  let worst = 0,
    ms = 0;
  for (let i = 0; i < +(process.env.N ?? 20); i++) {
    const s = performance.now();
    const r = await t.step();
    ms = performance.now() - s;
    ref[i] ??= [r.total, r.gradientNorm];
    worst = Math.max(worst, Math.abs(r.total / ref[i][0] - 1), Math.abs(r.gradientNorm / ref[i][1] - 1));
    if (i == 0 || i == (process.env.N ?? 20) - 1)
      console.log(k, i, r.total, r.gradientNorm, 'worst rel', worst.toExponential(2), ms.toFixed(0) + 'ms');
  }
  console.log(e.description);
  await t.dispose();
  await e.dispose();
}
