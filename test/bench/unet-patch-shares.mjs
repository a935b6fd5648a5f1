// How a trained model comes by its pictures: the diffusion loss at fixed times with the caption that belongs to a picture and
// with another one's, and how much of a prediction comes around the transformer. For every noise level the hidden states
// of each picture are exchanged for another's, then its skips: of the changes these make, the share made by the skips is
// what came around (the first-order index of Sobol 1993, from one exchange each).
import { concat, reshape, slice } from '@tensorflow/tfjs-core';
import { createRandom } from '@transfuse/core';
import { attentionMask, embedTokens, layOutDocument, transformer } from '@transfuse/core/model';

const rows = 16;
const ints = (...shape) => ({ shape, dtype: 'int32' });
const floats = (...shape) => ({ shape, dtype: 'float32' });

/** Each row moved on by `by`, the last ones to the front's place. */
const turned = (x, by) => {
  const rest = x.shape.slice(1);
  const zeros = rest.map(() => 0);
  return concat([slice(x, [by, ...zeros], [rows - by, ...rest]), slice(x, [0, ...zeros], [by, ...rest])], 0);
};

/** Token ids of a caption and of what leads to its picture, without the picture. */
function leadingIds(model, adapter, caption) {
  const latent = { shape: adapter.defaultLatentShape, data: new Float32Array(0) };
  const grid = adapter.tokenGrid(adapter.defaultLatentShape);
  const { ids, blocks } = layOutDocument(
    [
      { kind: 'discrete', modality: 'text', ids: model.discrete.text.encode(caption) },
      { kind: 'continuous', modality: 'image', latent, grid },
    ],
    model.vocabulary,
  );
  return { ids: Array.from(ids.slice(0, blocks[0].start)), tokens: blocks[0].tokens };
}

/** The measuring function: captions of T tokens, padded in front, before blocks of N. */
function measuring(model, adapter, { T, N }) {
  const { width } = model.transformer;
  return ({ parameters }, inputs) => {
    const own = Object.fromEntries(
      Object.entries(parameters)
        .filter(([name]) => name.startsWith('adapters.image.'))
        .map(([name, value]) => [name.slice('adapters.image.'.length), value]),
    );
    const { tokens, skips } = adapter.embed(own, inputs.noisy, inputs.time);
    const hiddenOf = (ids, documentIds) => {
      const words = reshape(embedTokens(parameters, reshape(ids, [rows * T])), [rows, T, width]);
      const mask = attentionMask(documentIds, inputs.blockIds);
      const context = { positions: inputs.positions, mask };
      const { hidden } = transformer(parameters, model.transformer, concat([words, tokens], 1), context);
      return slice(hidden, [0, T, 0], [rows, N, width]);
    };
    const predict = (hidden, around) => adapter.predict(own, hidden, inputs.time, around, adapter.defaultLatentShape);
    const hidden = hiddenOf(inputs.ids, inputs.documentIds);
    const others = Object.fromEntries(Object.entries(skips).map(([name, skip]) => [name, turned(skip, 5)]));
    return {
      outputs: {
        prediction: predict(hidden, skips),
        otherCaption: predict(hiddenOf(inputs.otherIds, inputs.otherDocumentIds), skips),
        otherHidden: predict(turned(hidden, 5), skips),
        otherSkips: predict(hidden, others),
      },
    };
  };
}

/** Captions as rows of T ids, padded in front, and the document of every position (0: padding). */
function rowsOfCaptions(captions, { T, N }) {
  const ids = new Int32Array(rows * T);
  const documentIds = new Int32Array(rows * (T + N)).fill(1);
  captions.forEach((caption, row) => {
    ids.set(caption, row * T + T - caption.length);
    documentIds.fill(0, row * (T + N), row * (T + N) + T - caption.length);
  });
  return { ids, documentIds };
}

const meanSquare = (a, b, from, to) => {
  let total = 0;
  for (let index = from; index < to; index++) total += (a[index] - b[index]) ** 2;
  return total / (to - from);
};

/**
 * Measures a model on captioned pictures `{ caption, picture }` at times, the same noise for everybody. Predictions are of
 * the clean picture; losses are mean squared errors of it. Whole batches of 16 are measured, the rest is left out.
 */
export async function measureShares(engine, model, parameters, { pictures, times, schedule }) {
  const adapter = model.continuous.image;
  const leading = pictures.map(({ caption }) => leadingIds(model, adapter, caption));
  const [T, N] = [Math.max(...leading.map(({ ids }) => ids.length)), leading[0].tokens];
  const size = adapter.defaultLatentShape.reduce((product, side) => product * side, 1);
  const latents = await Promise.all(pictures.map(({ picture }) => adapter.encode(picture)));
  const run = await engine.compile(measuring(model, adapter, { T, N }), {
    name: 'measure-shares',
    inputs: {
      noisy: floats(rows, ...adapter.defaultLatentShape),
      time: floats(rows),
      ids: ints(rows, T),
      otherIds: ints(rows, T),
      documentIds: ints(rows, T + N),
      otherDocumentIds: ints(rows, T + N),
      blockIds: ints(rows, T + N),
      positions: ints(rows, T + N),
    },
    stores: { parameters },
  });
  const measured = [];
  for (const time of times) {
    const level = schedule.at(time);
    const random = createRandom(`shares/${time}`);
    const sums = { loss: 0, lossOtherCaption: 0, byHidden: 0, bySkips: 0 };
    let count = 0;
    for (let first = 0; first + rows <= pictures.length; first += rows) {
      const noisy = random.fillNormal(new Float32Array(rows * size));
      const clean = new Float32Array(rows * size);
      for (let row = 0; row < rows; row++) clean.set(latents[first + row].data, row * size);
      for (let index = 0; index < noisy.length; index++) {
        noisy[index] = level.alpha * clean[index] + level.sigma * noisy[index];
      }
      const captions = leading.slice(first, first + rows).map(({ ids }) => ids);
      const right = rowsOfCaptions(captions, { T, N });
      const other = rowsOfCaptions([...captions.slice(7), ...captions.slice(0, 7)], { T, N });
      const outputs = await run.run({
        noisy,
        time: new Float32Array(rows).fill(time),
        ids: right.ids,
        otherIds: other.ids,
        documentIds: right.documentIds,
        otherDocumentIds: other.documentIds,
        blockIds: Int32Array.from({ length: rows * (T + N) }, (_, index) => (index % (T + N) < T ? 0 : 1)),
        positions: Int32Array.from({ length: rows * (T + N) }, (_, index) => index % (T + N)),
      });
      const { prediction, otherCaption, otherHidden, otherSkips } = outputs;
      const whole = [0, rows * size];
      sums.loss += meanSquare(prediction.data, clean, ...whole);
      sums.lossOtherCaption += meanSquare(otherCaption.data, clean, ...whole);
      sums.byHidden += meanSquare(prediction.data, otherHidden.data, ...whole);
      sums.bySkips += meanSquare(prediction.data, otherSkips.data, ...whole);
      count += 1;
    }
    measured.push({
      time,
      loss: sums.loss / count,
      lossOtherCaption: sums.lossOtherCaption / count,
      aroundTransformer: sums.bySkips / (sums.bySkips + sums.byHidden),
    });
  }
  await run.dispose();
  return { pictures: Math.floor(pictures.length / rows) * rows, measured };
}
