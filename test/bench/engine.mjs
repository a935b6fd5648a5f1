// The compiled engine against PyTorch eager and the stock WASM backend, on the training step of a plain decoder (width
// 256, 6 layers, 8 rows of 256 tokens) and of the demo's preset; the machine's matrix-product peak and the step's share of
// it; time to compile; memory; cost against sequence length. `npm run bench:engine`, `-- --lengths 256,512,1024`. We and
// PyTorch take turns, and a ratio is the median of the rounds' ratios, so that a busy minute counts for both or for neither.
import { parseArgs } from 'node:util';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { defineModel } from '@transfuse/core/model';
import { countParameters } from '@transfuse/core/params';
import { linearPatchImage } from '@transfuse/adapters/image';
import * as tf from '@tensorflow/tfjs-core';
import { decoderData, train, transformer, vocabulary, words } from './decoder.mjs';
import { describeMachine } from './machine.mjs';
import { measurePeer } from './peer.mjs';

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '5' },
    lengths: { type: 'string', default: '256,512,1024,2048,4096' },
    peer: { type: 'boolean', default: true },
    wasm: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const steps = Number(flags.steps);

const demoTransformer = { ...transformer(256), width: 192, feedForwardWidth: 512 };

/** The demo's documents: a caption of 12 tokens and a picture of 16. */
function demoData() {
  const random = createRandom('bench');
  const items = Array.from({ length: 48 }, (_, index) => ({
    id: String(index),
    segments: [
      { modality: 'text', value: Array.from({ length: 12 }, () => random.integer(400)) },
      {
        modality: 'image',
        value: { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, () => random.integer(256)) },
      },
    ],
  }));
  return { name: 'train', length: items.length, item: (index) => items[index] };
}

/** The best rate of single-precision matrix products here, in GFLOP/s. */
async function productPeak(engine) {
  let best = 0;
  for (const [m, k, n] of [
    [2048, 256, 704],
    [2048, 704, 256],
    [1024, 1024, 1024],
    [2048, 2048, 2048],
  ]) {
    const product = await engine.compile((_, { a, b }) => ({ outputs: { c: tf.matMul(a, b) } }), {
      name: `product ${m} ${k} ${n}`,
      inputs: { a: { shape: [m, k], dtype: 'float32' }, b: { shape: [k, n], dtype: 'float32' } },
    });
    const inputs = { a: new Float32Array(m * k).fill(0.5), b: new Float32Array(k * n).fill(0.5) };
    for (let run = 0; run < 12; run++) {
      const start = performance.now();
      await product.run(inputs);
      best = Math.max(best, (2 * m * k * n) / (performance.now() - start) / 1e6);
    }
    await product.dispose();
  }
  return best;
}

/** Floating-point operations of the matrix products of a step: 6 per weight and token, and attention forward and back. */
const stepOperations = (model, tokens, rowLength) =>
  6 * (countParameters(model.parameters) - vocabulary * 256) * tokens + 12 * 6 * tokens * rowLength * 256;

const engine = createCompiledEngine({ cache: 'none' });
const decoder = defineModel(transformer(4096), [words]);
const demo = defineModel(demoTransformer, [
  { ...words, vocabularySize: 448 },
  linearPatchImage({ size: 32, patchSize: 8 }),
]);
const peak = await productPeak(engine);
const rounds = { decoder: [], demo: [] };
for (let round = 0; round < Number(flags.rounds); round++) {
  const peer = (script, ...args) =>
    flags.peer ? measurePeer(script, ['--steps', String(steps), ...args]) : { unavailable: 'not asked for' };
  rounds.decoder.push({
    own: await train(engine, decoder, decoderData(8, 256), 8, 256, steps),
    torch: await peer('torch_decoder_train.py'),
  });
  rounds.demo.push({
    own: await train(engine, demo, demoData(), 6, 128, steps),
    torch: await peer('torch_eager_train.py', '--shape', 'demo'),
  });
}
const middle = (list, by) => list.toSorted((a, b) => by(a) - by(b))[Math.floor(list.length / 2)];
/** Both sides of one step: the round with the median step, and PyTorch's time over ours, medians and best steps apart. */
const comparison = (runs) => {
  const compared = runs.filter(({ torch }) => torch.stepMilliseconds !== undefined);
  const ratio =
    (pick) =>
    ({ own, torch }) =>
      pick(torch.stepMilliseconds) / pick(own.stepMilliseconds);
  const ratios = (pick) => compared.map(ratio(pick)).toSorted((a, b) => a - b);
  const told = middle(
    runs.map(({ own }) => own),
    ({ stepMilliseconds }) => stepMilliseconds.median,
  );
  if (compared.length === 0) return { ...told, torch: runs[0].torch.unavailable };
  const medians = ratios(({ median }) => median);
  const bests = ratios(({ best, min }) => best ?? min);
  return {
    ...told,
    torch: middle(
      compared.map(({ torch }) => torch),
      ({ stepMilliseconds }) => stepMilliseconds.median,
    ),
    ratioToTorch: middle(medians, Number),
    ratioToTorchByBestSteps: middle(bests, Number),
    ratiosOfRounds: medians,
  };
};
const own = comparison(rounds.decoder);
const operations = stepOperations(decoder, own.tokens, 256);
const lengths = [];
for (const rowLength of flags.lengths.split(',').map(Number)) {
  const rows = Math.max(1, 2048 / rowLength);
  const run = await train(engine, decoder, decoderData(rows, rowLength), rows, rowLength, 6);
  lengths.push({ rowLength, rows, ...run });
}
let wasm = 'not asked for';
if (flags.wasm) {
  try {
    const eager = await createEagerEngine({ backend: 'wasm' });
    wasm = await train(eager, decoder, decoderData(8, 256), 8, 256, 2, 1);
    await eager.dispose();
  } catch (error) {
    wasm = error.message;
  }
}
await engine.dispose();
console.log(
  JSON.stringify(
    {
      benchmark: 'engine',
      machine: describeMachine(),
      engine: engine.description,
      parameters: countParameters(decoder.parameters),
      productPeakGflops: peak,
      decoder: own,
      decoderShareOfPeak: operations / (own.stepMilliseconds.median * 1e6) / peak,
      wasm,
      ratioToWasm:
        wasm.stepMilliseconds === undefined ? null : wasm.stepMilliseconds.median / own.stepMilliseconds.median,
      demo: comparison(rounds.demo),
      lengths,
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    },
    null,
    2,
  ),
);
