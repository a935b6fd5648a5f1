// The compiled engine against PyTorch eager on the training step of a plain decoder (width 256, 6 layers, 8 rows of 256
// tokens) and of the demo's preset, and against the WASM backend as Transfuse completes it; with `-- --stock-wasm`, which
// takes minutes more, also against that backend as its package has it. The machine's matrix-product peak and the step's share
// of it, and cost against sequence length (`-- --lengths 256,512,1024`). `freshProcess` and `lengths` are trainings in processes
// of their own: peak memory, and the times to trace, to compile and to bind the step, each for the first time.
// `npm run bench:engine`; short, to see that it runs: `-- --rounds 1 --steps 2 --lengths 256`.
// We and PyTorch take turns, and a ratio is the median of the rounds' ratios, so that a busy minute counts for both or neither.
import { parseArgs } from 'node:util';
import { createCompiledEngine, createEagerEngine } from '@transfuse/core/engine';
import { countParameters } from '@transfuse/core/params';
import * as tf from '@tensorflow/tfjs-core';
import { decoderData, decoderModel, train, vocabulary } from './decoder.mjs';
import { demoBatch, demoData, demoModel } from './demo-preset.mjs';
import { describeMachine } from './machine.mjs';
import { measurePeer, measureProcess, tryProcess } from './peer.mjs';

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '5' },
    lengths: { type: 'string', default: '256,512,1024,2048,4096' },
    peer: { type: 'boolean', default: true },
    wasm: { type: 'boolean', default: true },
    'stock-wasm': { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const steps = Number(flags.steps);

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

/** A training in a process of its own; see training-process.mjs. */
const freshProcess = (...args) => measureProcess('training-process.mjs', args);

/** What is told of a training that is not the first of its process. */
const later = ({ stepMilliseconds, tokens, tokensPerSecond }) => ({ stepMilliseconds, tokens, tokensPerSecond });

const engine = createCompiledEngine({ cache: 'none' });
const decoder = decoderModel();
const demo = demoModel();
const peak = await productPeak(engine);
const fresh = {};
for (const model of ['decoder', 'demo']) fresh[model] = await freshProcess('--model', model, '--steps', flags.steps);
const rounds = { decoder: [], demo: [] };
for (let round = 0; round < Number(flags.rounds); round++) {
  const peer = (script, ...args) =>
    flags.peer ? measurePeer(script, ['--steps', flags.steps, ...args]) : { unavailable: 'not asked for' };
  rounds.decoder.push({
    own: await train(engine, decoder, decoderData(8, 256), 8, 256, steps),
    torch: await peer('torch_decoder_train.py'),
  });
  rounds.demo.push({
    own: await train(engine, demo, demoData(), demoBatch.rows, demoBatch.rowLength, steps),
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
    runs.map(({ own }) => later(own)),
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
  const sizes = ['--rows', String(rows), '--row-length', String(rowLength), '--steps', '6'];
  lengths.push({ rowLength, rows, ...(await freshProcess(...sizes)) });
}
await engine.dispose();
let completedWasm = { unavailable: 'not asked for' };
if (flags.wasm) {
  try {
    const eager = await createEagerEngine({ backend: 'wasm' });
    completedWasm = later(await train(eager, decoder, decoderData(8, 256), 8, 256, 2, 1));
    await eager.dispose();
  } catch (error) {
    completedWasm = { unavailable: error.message };
  }
}
const stockWasm = flags['stock-wasm'] ? await tryProcess('stock-wasm.mjs') : { unavailable: 'not asked for' };
/** The time of a step elsewhere over that of ours; null where there is none. */
const overOurs = (milliseconds) => (milliseconds === undefined ? null : milliseconds / own.stepMilliseconds.median);
console.log(
  JSON.stringify(
    {
      benchmark: 'engine',
      machine: describeMachine(),
      engine: engine.description,
      parameters: countParameters(decoder.parameters),
      productPeakGflops: peak,
      decoder: { ...own, freshProcess: fresh.decoder },
      decoderShareOfPeak: operations / (own.stepMilliseconds.median * 1e6) / peak,
      completedWasm,
      ratioToCompletedWasm: overOurs(completedWasm.stepMilliseconds?.median),
      stockWasm,
      ratioOfFirstStepOnStockWasm: overOurs(stockWasm.firstStepMilliseconds),
      demo: { ...comparison(rounds.demo), freshProcess: fresh.demo },
      lengths,
    },
    null,
    2,
  ),
);
