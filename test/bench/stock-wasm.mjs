// The decoder's training step on TensorFlow.js's WASM backend as its package has it: kernels that it lacks, without which it
// cannot train at all, are lent by the CPU backend, and nothing is replaced. A process of its own, since Transfuse corrects
// the kernels of the backend `wasm` for good. A step takes minutes: the first one, which compiles nothing here, counts.
// Prints one line of JSON. `npm run bench:engine -- --stock-wasm` sets it beside ours.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createEagerEngine } from '@transfuse/core/engine';
import { defineModel } from '@transfuse/core/model';
import { decoderData, train, transformer, words } from './decoder.mjs';

const stock = 'stock-wasm';
await (await createEagerEngine({ backend: 'cpu' })).dispose(); // loads the backend that lends
const require = createRequire(import.meta.url);
setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}${sep}`);
const instance = await tf.engine().registryFactory.wasm.factory();
for (const kernel of tf.getKernelsForBackend('wasm')) tf.registerKernel({ ...kernel, backendName: stock });
const lent = new Set();
for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
  if (tf.getKernel(kernelName, stock) !== undefined) continue;
  tf.registerKernel({ kernelName, backendName: stock, kernelFunc: lend(kernelName, kernelFunc) });
}
tf.registerBackend(stock, () => instance, 0);

/** A kernel of the CPU backend on copies of its inputs. */
function lend(name, kernelFunc) {
  return ({ inputs, attrs, backend }) => {
    lent.add(name);
    const cpu = tf.findBackend('cpu');
    const copies = Object.entries(inputs).map(([key, { dataId, shape, dtype }]) => [
      key,
      { dataId: cpu.write(backend.readSync(dataId), shape, dtype), shape, dtype },
    ]);
    const output = kernelFunc({ inputs: Object.fromEntries(copies), attrs, backend: cpu });
    const values = cpu.readSync(output.dataId);
    const dataId = backend.write(values, output.shape, output.dtype);
    for (const [, copy] of copies) cpu.disposeData(copy.dataId, true);
    cpu.disposeData(output.dataId, true);
    return { dataId, shape: output.shape, dtype: output.dtype };
  };
}

const engine = await createEagerEngine({ backend: stock });
const decoder = defineModel(transformer(256), [words]);
const { firstStepMilliseconds } = await train(engine, decoder, decoderData(8, 256), 8, 256, 0, 1);
await engine.dispose();
console.log(
  JSON.stringify({ peer: 'stock WASM backend', version: tf.version_core, lent: [...lent], firstStepMilliseconds }),
);
