// Training throughput: 64 documents of 12 text and 16 image tokens per step (32 positions with the special tokens),
// forward, backward, clipping, AdamW and the moving average included. `npm run bench:train -- --steps 30`.
import { parseArgs } from 'node:util';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { countParameters } from '@transfuse/core/params';
import { createTrainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { benchModel } from './bench-model.mjs';
import { describeMachine, median } from './machine.mjs';
import { measurePeer } from './peer.mjs';
import { trainSettings } from './train-settings.mjs';

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
    peer: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const samples = 64;
const random = createRandom('bench');
const items = Array.from({ length: samples }, (_, index) => ({
  id: String(index),
  segments: [
    { modality: 'text', value: Array.from({ length: 12 }, () => random.integer(507)) },
    {
      modality: 'image',
      value: { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, () => random.integer(256)) },
    },
  ],
}));
const model = benchModel({ sequenceLength: 64 });
const engine = createCompiledEngine();
const steps = Number(flags.steps);
const compileStart = performance.now();
const trainer = await createTrainer({
  engine,
  model,
  split: { name: 'train', length: samples, item: (index) => items[index] },
  schedule: createFlowMatchingSchedule(),
  settings: trainSettings(samples, 32),
});
await trainer.step();
const compileMilliseconds = performance.now() - compileStart;
const ours = [];
const peers = [];
const torch = [];
for (let round = 0; round < Number(flags.rounds); round++) {
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    const { documents } = await trainer.step();
    ours.push((documents * 1000) / (performance.now() - start));
  }
  if (flags.peer) {
    peers.push(await measurePeer('transfusion_pytorch_train.py'));
    torch.push(await measurePeer('torch_eager_train.py'));
  }
}
await trainer.dispose();
await engine.dispose();

const peerSpeed = (runs) => {
  const speeds = runs.map(({ samplesPerSecond }) => samplesPerSecond).filter(Number.isFinite);
  return speeds.length === 0 ? { unavailable: runs[0]?.unavailable ?? 'not asked for' } : median(speeds);
};
const result = {
  benchmark: 'train',
  machine: describeMachine(),
  engine: engine.description,
  parameters: countParameters(model.parameters),
  firstStepMilliseconds: Math.round(compileMilliseconds),
  samplesPerSecond: { median: median(ours), best: Math.max(...ours) },
  transfusionPytorchSamplesPerSecond: peerSpeed(peers),
  torchEagerSamplesPerSecond: peerSpeed(torch),
};
const ratio = (peer) => (Number.isFinite(peer) ? result.samplesPerSecond.median / peer : null);
result.ratioToTransfusionPytorch = ratio(result.transfusionPytorchSamplesPerSecond);
result.ratioToTorchEager = ratio(result.torchEagerSamplesPerSecond);
console.log(JSON.stringify(result, null, 2));
