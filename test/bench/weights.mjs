// What smaller weights cost and gain. `npm run bench:weights` measures memory and speed of a wide model with random weights
// (width 1024, 12 layers), one process per format; with `--checkpoint FOLDER` of a demo it measures quality instead: errors
// of matrices, logits and denoised pictures against float32, captions and drawings judged as the demo judges them.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createRandom } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createModelRunner } from '@transfuse/core/generation';
import { defineModel } from '@transfuse/core/model';
import { initializeParameters } from '@transfuse/core/params';
import { benchModel } from './bench-model.mjs';
import { describeMachine, median } from './machine.mjs';
import { measureQuality } from './weights-quality.mjs';

const formats = ['float32', 'float16', 'int8', 'int4'];
const { values: flags } = parseArgs({
  options: {
    checkpoint: { type: 'string' },
    pictures: { type: 'string', default: '60' },
    threads: { type: 'string', default: '1' },
    width: { type: 'string', default: '1024' },
    depth: { type: 'string', default: '12' },
    only: { type: 'string' },
  },
});

/** Memory and speed of one format, measured in this process. */
async function measureSpeed(weights) {
  const [width, depth] = [Number(flags.width), Number(flags.depth)];
  const { transformer, discrete, continuous } = benchModel({ sequenceLength: 256 });
  const heads = width / 64;
  const wide = { ...transformer, width, depth, heads, keyValueHeads: heads, feedForwardWidth: width * 2.75 };
  const model = defineModel(wide, [...Object.values(discrete), ...Object.values(continuous)]);
  const engine = createCompiledEngine({ threads: Number(flags.threads), cache: 'none' });
  const parameters = engine.createStore(initializeParameters(model.parameters, createRandom('bench')));
  const runner = createModelRunner(model, engine, parameters, { weights });
  const layout = {
    length: 12,
    ids: Int32Array.from({ length: 12 }, (_, index) => index),
    targets: new Int32Array(12).fill(-1),
    blocks: [],
  };
  const timed = async (act) => {
    const start = performance.now();
    await act();
    return performance.now() - start;
  };
  const repeated = async (count, act) => {
    const times = [];
    for (let round = 0; round < count; round++) times.push(await timed(act));
    return median(times);
  };
  const megabytes = () => {
    globalThis.gc();
    return Math.round(process.memoryUsage.rss() / 2 ** 20);
  };
  const memory = [megabytes()];
  let cache;
  const start = async () => void ({ cache } = await runner.startCache(layout));
  await start(); // compiles
  memory.push(megabytes());
  const prefixMs = await repeated(7, start);
  const compileMs = await timed(() => runner.readToken(cache, 1));
  memory.push(megabytes());
  const tokenMs = await repeated(40, () => runner.readToken(cache, 1));
  await start();
  const { predict } = await runner.startBlock('image', [cache, cache]);
  const latent = new Float32Array(32 * 32 * 3).fill(0.1);
  await predict(latent, 0.5);
  memory.push(megabytes());
  const blockMs = await repeated(12, () => predict(latent, 0.5));
  await runner.dispose();
  await engine.dispose();
  return {
    weights,
    parameters: Object.values(model.parameters).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    storeMiB: memory[0],
    perFunctionMiB: median(memory.slice(1).map((value, index) => value - memory[index])),
    compileMs,
    prefixMs,
    tokenMs,
    blockMs,
  };
}

/** The same in a process of its own, so that memory is counted from nothing. */
function inOwnProcess(weights) {
  const options = ['threads', 'width', 'depth'].flatMap((name) => [`--${name}`, flags[name]]);
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--only', weights, ...options];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

if (flags.only !== undefined) {
  console.log(JSON.stringify(await measureSpeed(flags.only)));
} else if (flags.checkpoint !== undefined) {
  const results = await measureQuality(flags.checkpoint, formats, { pictures: Number(flags.pictures) });
  console.log(JSON.stringify({ benchmark: 'weights, quality', results }, null, 2));
} else {
  const results = [...formats, 'float32'].map(inOwnProcess); // the first one again, to show the noise
  console.log(
    JSON.stringify(
      { benchmark: 'weights, speed', machine: describeMachine(), threads: flags.threads, results },
      null,
      2,
    ),
  );
}
