// Generation speed: text at batch 1, one picture of 16 tokens in 30 evaluations without guidance, and the cost of a
// picture against the number of tokens before it. `npm run bench:generate`.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createModelRunner, generate } from '@transfuse/core/generation';
import { initializeParameters } from '@transfuse/core/params';
import { createEulerSampler } from '@transfuse/plugins/samplers';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { benchModel } from './bench-model.mjs';
import { curveSvg } from './curve.mjs';
import { describeMachine, median } from './machine.mjs';
import { measurePeer } from './peer.mjs';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    peer: { type: 'boolean', default: true },
    svg: { type: 'string' },
  },
  allowNegative: true,
});
const rounds = Number(flags.rounds);
const model = benchModel({ sequenceLength: 2048 });
const engine = createCompiledEngine();
const parameters = engine.createStore(initializeParameters(model.parameters, createRandom('bench')));
const runner = createModelRunner(model, engine, parameters);
const evaluations = 30;
const diffusion = {
  schedule: createFlowMatchingSchedule(),
  prediction: 'velocity',
  sampler: createEulerSampler(),
  steps: evaluations,
  guiders: [],
};
const words = (count) => ({
  modality: 'text',
  value: Array.from({ length: count }, (_, index) => (index * 7919) % 507),
});

async function tokensPerSecond() {
  let tokens = 0;
  let start = 0;
  for await (const event of generate(runner, diffusion, [words(12), { want: 'text' }], {
    maximumTokens: 256,
    temperature: 1,
  })) {
    if (event.type !== 'token') continue;
    if (tokens++ === 0) start = performance.now();
  }
  return ((tokens - 1) * 1000) / (performance.now() - start);
}

async function pictureSeconds(prefix) {
  let start = 0;
  let last = 0;
  for await (const event of generate(runner, diffusion, [words(prefix), { want: 'image' }], {})) {
    if (event.type === 'step' && event.step === 1) start = performance.now();
    if (event.type === 'step' && event.step === event.of) last = performance.now();
  }
  return ((last - start) / 1000) * (evaluations / (evaluations - 1));
}

/** From the prompt to the decoded picture: reading 12 tokens, 30 evaluations, the clean reading, decoding. */
async function wholePictureSeconds() {
  const start = performance.now();
  for await (const event of generate(runner, diffusion, [words(12), { want: 'image' }], {})) {
    if (event.type === 'segment') return (performance.now() - start) / 1000;
  }
  throw new Error('no picture came');
}

async function repeated(measure) {
  await measure(); // compiles
  const results = [];
  for (let round = 0; round < rounds; round++) results.push(await measure());
  return median(results);
}

const text = await repeated(tokensPerSecond);
const picture = await repeated(() => pictureSeconds(12));
const wholePicture = await repeated(wholePictureSeconds);
const curve = [];
for (const prefix of [12, 60, 120, 250, 500, 1000, 1900]) {
  curve.push({ tokensBefore: prefix, seconds: await repeated(() => pictureSeconds(prefix)) });
}
const peer = flags.peer ? await measurePeer('transfusion_pytorch_generate.py') : { unavailable: 'not asked for' };
if (flags.svg !== undefined) {
  const points = curve.map(({ tokensBefore, seconds }) => ({ x: tokensBefore, y: seconds }));
  const labels = {
    title: 'Denoising one picture of 16 tokens, 30 evaluations',
    xLabel: 'tokens before the picture',
    yLabel: 's',
  };
  await writeFile(flags.svg, curveSvg(points, labels));
}
await runner.dispose();
await engine.dispose();

const ratio = (a, b) => (Number.isFinite(a) && Number.isFinite(b) ? a / b : null);
console.log(
  JSON.stringify(
    {
      benchmark: 'generate',
      machine: describeMachine(),
      engine: engine.description,
      textTokensPerSecond: text,
      pictureSeconds: wholePicture,
      denoisingSeconds: picture,
      denoisingSecondsByTokensBefore: curve,
      transfusionPytorch: peer,
      textRatio: ratio(text, peer.textTokensPerSecond),
      pictureRatio: ratio(wholePicture, peer.imageSeconds),
      pictureRatioToImageWithoutPrompt: ratio(wholePicture, peer.imageSecondsWithoutPrompt),
    },
    null,
    2,
  ),
);
