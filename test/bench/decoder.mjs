// The training step that engines are compared on: a plain decoder of words alone, width 256, 6 layers, 2,048 words.
import { createRandom } from '@transfuse/core';
import { defineModel } from '@transfuse/core/model';
import { createTrainer } from '@transfuse/core/training';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { idsTokenizer } from './ids-tokenizer.mjs';
import { median } from './machine.mjs';
import { timedEngine } from './timed-engine.mjs';
import { trainSettings } from './train-settings.mjs';

export const vocabulary = 2048;

export const words = idsTokenizer(vocabulary - 6);

/** The transformer, for rows of up to so many positions. */
export const transformer = (sequenceLength) => ({
  width: 256,
  depth: 6,
  heads: 4,
  keyValueHeads: 4,
  feedForwardWidth: 704,
  sequenceLength,
  ropeBase: 10_000,
  normEpsilon: 1e-5,
  queryKeyNorm: 'none',
  head: 'untied',
});

export const decoderModel = () => defineModel(transformer(4096), [words]);

/** Rows of text alone, each one document as long as the row. */
export function decoderData(rows, rowLength) {
  const random = createRandom('bench');
  const items = Array.from({ length: rows }, (_, index) => ({
    id: String(index),
    segments: [
      { modality: 'text', value: Array.from({ length: rowLength - 2 }, () => random.integer(vocabulary - 6)) },
    ],
  }));
  return { name: 'train', length: rows, item: (index) => items[index] };
}

/**
 * Milliseconds of what creating a trainer consists of (the data surveyed and weights drawn; the step traced; the step
 * compiled; the stores bound to it), of the first step and of `count` later ones, and tokens per second. The `warmUp` steps
 * before those are not counted: the runtime and the peers alike find their memory in them.
 */
export async function train(engine, model, split, rows, rowLength, count, warmUp = 3) {
  const { engine: timed, times: compilation } = timedEngine(engine);
  const start = performance.now();
  const trainer = await createTrainer({
    engine: timed,
    model,
    split,
    schedule: createFlowMatchingSchedule(),
    settings: trainSettings(rows, rowLength),
  });
  const creation = performance.now() - start;
  const { trace, compile, bind } = compilation();
  const times = [];
  let tokens = 0;
  for (let step = 0; step < warmUp + count; step++) {
    const begin = performance.now();
    tokens = (await trainer.step()).tokens;
    times.push(performance.now() - begin);
  }
  await trainer.dispose();
  const later = times.slice(warmUp);
  return {
    preparationMilliseconds: creation - trace - compile - bind,
    traceMilliseconds: trace,
    compileMilliseconds: compile,
    bindMilliseconds: bind,
    firstStepMilliseconds: times[0],
    stepMilliseconds: { median: median(later), best: Math.min(...later) },
    tokens,
    tokensPerSecond: (tokens * 1000) / median(later),
  };
}
