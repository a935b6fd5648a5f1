// What smaller weights cost and gain. `npm run bench:weights` measures memory and speed of a wide model with random weights
// (width 1024, 12 layers); with `--checkpoint FOLDER` of a demo it measures quality instead: errors of matrices, logits and
// denoised pictures against float32, captions and drawings judged as the demo judges them.
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
    memory: { type: 'string' },
  },
});

const layout = {
  length: 12,
  ids: Int32Array.from({ length: 12 }, (_, index) => index),
  targets: new Int32Array(12).fill(-1),
  blocks: [],
};
const latent = new Float32Array(32 * 32 * 3).fill(0.1);

function openModel() {
  const [width, depth] = [Number(flags.width), Number(flags.depth)];
  const { transformer, discrete, continuous } = benchModel({ sequenceLength: 256 });
  const heads = width / 64;
  const wide = { ...transformer, width, depth, heads, keyValueHeads: heads, feedForwardWidth: width * 2.75 };
  const model = defineModel(wide, [...Object.values(discrete), ...Object.values(continuous)]);
  const engine = createCompiledEngine({ threads: Number(flags.threads), cache: 'none' });
  const parameters = engine.createStore(initializeParameters(model.parameters, createRandom('bench')));
  return { model, engine, runnerOf: (weights) => createModelRunner(model, engine, parameters, { weights }) };
}

async function timed(act) {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** Memory of one format in this process: resident after each of three functions is compiled. */
async function measureMemory(weights) {
  const { model, engine, runnerOf } = openModel();
  const runner = runnerOf(weights);
  const megabytes = async () => {
    for (let round = 0; round < 3; round++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 200)); // array buffers are released later than objects
    }
    return Math.round(process.memoryUsage.rss() / 2 ** 20);
  };
  const memory = [await megabytes()];
  const compile = [];
  let cache;
  for (const act of [
    async () => void ({ cache } = await runner.startCache(layout)),
    () => runner.readToken(cache, 1),
    async () => (await runner.startBlock('image', [cache, cache])).predict(latent, 0.5),
  ]) {
    compile.push(await timed(act));
    memory.push(await megabytes());
  }
  await engine.dispose();
  const parameters = Object.values(model.parameters).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  const functionsMiB = memory.slice(1).map((value, index) => value - memory[index]);
  return { weights, parameters, storeMiB: memory[0], functionsMiB, compileMs: median(compile) };
}

/** Speed of all formats in this process, taking turns, so that whatever else the machine does befalls them alike. */
async function measureSpeed() {
  const { engine, runnerOf } = openModel();
  const runs = [];
  for (const weights of formats) {
    const runner = runnerOf(weights);
    const { cache } = await runner.startCache(layout);
    await runner.readToken(cache, 1);
    const { predict } = await runner.startBlock('image', [cache, cache]);
    await predict(latent, 0.5);
    runs.push({ weights, runner, cache, predict, token: [], block: [], prompt: [] });
  }
  for (let round = 0; round < 40; round++) {
    for (const run of runs) run.token.push(await timed(() => run.runner.readToken(run.cache, 1)));
    if (round % 3 !== 0) continue;
    for (const run of runs) run.block.push(await timed(() => run.predict(latent, 0.5)));
    for (const run of runs) run.prompt.push(await timed(() => run.runner.startCache(layout)));
  }
  await engine.dispose();
  const whole = runs[0];
  return runs.map(({ weights, ...times }) => ({
    weights,
    ...Object.fromEntries(['token', 'block', 'prompt'].map((name) => [`${name}Ms`, median(times[name])])),
    ...Object.fromEntries(
      ['token', 'block', 'prompt'].map((name) => [`${name}TimesAsFast`, median(whole[name]) / median(times[name])]),
    ),
  }));
}

/** The memory of a format in a process of its own, whose C library gives back at once what is freed. */
function memoryInOwnProcess(weights) {
  const options = ['threads', 'width', 'depth'].flatMap((name) => [`--${name}`, flags[name]]);
  const args = ['--expose-gc', fileURLToPath(import.meta.url), '--memory', weights, ...options];
  return JSON.parse(
    execFileSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '65536' },
    }),
  );
}

if (flags.memory !== undefined) {
  console.log(JSON.stringify(await measureMemory(flags.memory)));
} else {
  const results =
    flags.checkpoint === undefined
      ? { speed: await measureSpeed(), memory: formats.map(memoryInOwnProcess) }
      : { quality: await measureQuality(flags.checkpoint, formats, { pictures: Number(flags.pictures) }) };
  const { threads, width, depth } = flags;
  const model = flags.checkpoint ?? { width, depth };
  console.log(
    JSON.stringify({ benchmark: 'weights', machine: describeMachine(), threads, model, ...results }, null, 2),
  );
}
