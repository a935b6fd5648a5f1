// What smaller weights do to a trained demo model: how far matrices, next-token distributions and denoised pictures move from
// those of float32, and how many captions and drawings are still right.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { buildModel, createHost, createRandom, validateConfig } from '@transfuse/core';
import { createCompiledEngine } from '@transfuse/core/engine';
import { createModelRunner } from '@transfuse/core/generation';
import { readCheckpoint } from '@transfuse/core/training';
import { diffusion } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';
import { describe, draw, knownPictures, retrievalScore } from '../../packages/cli/dist/demo/demo-evaluation.js';
import { blockSize, quantizeBlocks } from '../../packages/core/dist/engine/onnx/quantized-blocks.js';
import { narrowToFloat16, widenFloat16 } from '../../packages/core/dist/params/half-precision.js';
import { median } from './machine.mjs';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Quality of a demo checkpoint in each format; `pictures` captions and as many drawings, spread over all splits. */
export async function measureQuality(checkpoint, formats, { pictures: count }) {
  const engine = createCompiledEngine({ threads: 1, cache: 'none' });
  const host = await createHost({ plugins: [text, image, diffusion, emoji], engine, logger: silent });
  const { config: written, weights: tensors, assets } = await readCheckpoint(checkpoint);
  const config = validateConfig(written);
  const model = await buildModel(host, config, { assets });
  const store = engine.createStore(tensors);
  const { name, ...settings } = config.data;
  const dataset = await (
    await host.create('dataset', name, settings)
  ).prepare(settings, { cacheFolder: join(tmpdir(), 'transfuse-bench-data') });
  const all = [dataset.train, ...dataset.heldOut].flatMap((split) => knownPictures(split));
  const pictures = Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)]);
  const latents = await Promise.all(pictures.map((picture) => model.continuous.image.encode(picture.image)));

  const results = [];
  let reference;
  for (const weights of formats) {
    const runner = createModelRunner(model, engine, store, { weights });
    const outputs = await readAll(runner, pictures, latents);
    await runner.dispose();
    reference ??= outputs;
    const loaded = await host.load(checkpoint, { weights });
    const captions = await describe(loaded, pictures);
    const drawings = [];
    for (const { caption } of pictures)
      drawings.push({ caption, generated: [await draw(loaded, caption, { seed: 1 })] });
    await loaded.dispose();
    results.push({
      weights,
      matrixError: matrixErrors(tensors, weights),
      logitsDivergence: mean(outputs.logits.map((logits, index) => divergence(reference.logits[index], logits))),
      likeliestTokenKept: mean(
        outputs.logits.map((logits, index) => Number(top(logits) === top(reference.logits[index]))),
      ),
      predictionError: median(outputs.predictions.map((value, index) => relative(value, reference.predictions[index]))),
      captionsRight: captions.filter(({ correct }) => correct).length,
      drawingsFound: retrievalScore('', drawings, all).value,
    });
  }
  await host.dispose();
  await engine.dispose();
  return results;
}

/** Logits after every token of every caption, read after its picture; predictions for every picture at three times. */
async function readAll(runner, pictures, latents) {
  const { vocabulary, discrete } = runner.model;
  const { begin, end } = vocabulary.blocks.image;
  const random = createRandom('bench');
  const layout = (ids) => ({
    length: ids.length,
    ids: Int32Array.from(ids),
    targets: new Int32Array(ids.length).fill(-1),
    blocks: [],
  });
  const logits = [];
  const predictions = [];
  for (const [index, { caption }] of pictures.entries()) {
    const ids = Array.from(discrete.text.encode(caption), (id) => id + vocabulary.discrete.text.offset);
    const { cache } = await runner.startCache(layout([vocabulary.beginDocument, begin]));
    await runner.readBlock(cache, 'image', latents[index]);
    for (const id of [end, ...ids]) logits.push((await runner.readToken(cache, id)).slice());
    const before = await runner.startCache(layout([vocabulary.beginDocument, ...ids, begin]));
    const reader = await runner.startBlock('image', [before.cache]);
    for (const time of [0.2, 0.5, 0.8]) {
      const noise = random.fillNormal(new Float32Array(latents[index].data.length));
      const noisy = noise.map((value, at) => time * value + (1 - time) * latents[index].data[at]);
      const [prediction] = await reader.predict(noisy, time);
      predictions.push(prediction.slice());
    }
  }
  return { logits, predictions };
}

/** Relative root-mean-square errors of the matrices, the median and the largest. */
function matrixErrors(tensors, weights) {
  const errors = Object.values(tensors)
    .filter(({ shape }) => shape.length === 2)
    .map(({ data, shape: [inner, columns] }) => relative(rounded(data, weights, inner, columns), data));
  return { median: median(errors), largest: Math.max(...errors) };
}

function rounded(values, weights, inner, columns) {
  if (weights === 'float32') return values;
  if (weights === 'float16') return widenFloat16(narrowToFloat16(values));
  const bits = weights === 'int8' ? 8 : 4;
  const { packed, scales, zeros, blocks } = quantizeBlocks({ values, inner, columns, innerAxis: 'rows' }, bits);
  return values.map((_, at) => {
    const [index, column] = [Math.floor(at / columns), at % columns];
    const block = column * blocks + Math.floor(index / blockSize);
    const within = block * blockSize + (index % blockSize);
    const level = bits === 8 ? packed[within] : (packed[within >> 1] >> (4 * (within & 1))) & 15;
    return scales[block] * (level - zeros[block]);
  });
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const top = (logits) => logits.indexOf(Math.max(...logits));
const relative = (found, wanted) =>
  Math.sqrt(
    found.reduce((sum, value, index) => sum + (value - wanted[index]) ** 2, 0) /
      wanted.reduce((sum, value) => sum + value ** 2, 0),
  );

/** Kullback and Leibler's divergence of the second distribution from the first, in nats. */
function divergence(wanted, found) {
  const logarithms = (logits) => {
    const most = Math.max(...logits);
    const total = Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0)) + most;
    return Array.from(logits, (value) => value - total);
  };
  const [p, q] = [logarithms(wanted), logarithms(found)];
  return p.reduce((sum, value, index) => sum + Math.exp(value) * (value - q[index]), 0);
}
