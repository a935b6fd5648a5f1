// The U-Net patch adapter against the linear one: the demo's data, model and objective, sixteen tokens per picture of 32 x 32
// either way. Everybody is trained for equal steps, and then, by steps that fit, for the seconds the gated U-Net took.
// Reported: the diffusion loss as the objective weighs it, and the error at fixed times, on pictures seen and held out,
// the same noise for everybody, with the right caption and with another; the share of a prediction that comes around the
// transformer; and how many drawings find themselves among all real pictures of their style, as the demo judges.
// `npm run bench:unet-patch -- --steps 4000`; it writes unet-patch.json and unet-patch.md into `--out`, and `--resume`
// goes on with the runs that are there. `--subset full` takes all emoji instead of the compositional ones.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { image, text } from '@transfuse/adapters';
import { unetPatch } from '@transfuse/adapters/unet-patch';
import { createHost, createRandom } from '@transfuse/core';
import { countParameters } from '@transfuse/core/params';
import { readCheckpoint } from '@transfuse/core/training';
import { diffusion } from '@transfuse/plugins';
import { canonicalCaption, emoji, parseEmojiId } from '@transfuse/plugins/data/emoji';
import { createFlowMatchingSchedule } from '@transfuse/plugins/schedules';
import { describeMachine, median } from './machine.mjs';
import { measureShares } from './unet-patch-shares.mjs';

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '4000' },
    contenders: { type: 'string', default: 'linear,gated,open,none' },
    seconds: { type: 'boolean', default: true },
    subset: { type: 'string', default: 'compositional' },
    resume: { type: 'boolean', default: false },
    drawings: { type: 'string', default: '48' },
    threads: { type: 'string' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string', default: 'unet-patch-bench' },
    cache: { type: 'string', default: '.cache/transfuse' },
  },
  allowNegative: true,
});
const adapters = {
  linear: { adapter: 'linear-patch', size: 32, patchSize: 8 },
  gated: { adapter: 'unet-patch', size: 32, patchSize: 8, skips: 'gated', proportion: 'fading' },
  open: { adapter: 'unet-patch', size: 32, patchSize: 8, skips: 'open', proportion: 'fading' },
  none: { adapter: 'unet-patch', size: 32, patchSize: 8, skips: 'none', proportion: 'fading' },
};
const drawings = Number(flags.drawings);
const times = [0.1, 0.3, 0.5, 0.7, 0.85, 0.95];
/** The middles of eight equal parts of the times that training draws, logistic functions of standard normal numbers. */
const drawnTimes = [-1.534, -0.887, -0.489, -0.157, 0.157, 0.489, 0.887, 1.534].map((x) => 1 / (1 + Math.exp(-x)));
const schedule = createFlowMatchingSchedule({ time: 'logit-normal' });
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const plugins = image.manifest.provides.includes('continuous-adapter:unet-patch') ? [image] : [image, unetPatch];
const host = await createHost({
  plugins: [text, ...plugins, diffusion, emoji],
  logger: quiet,
  config: { engine: { name: 'compiled', ...(flags.threads && { threads: Number(flags.threads) }) } },
});

/** The demo's configuration with one of the adapters. */
const configOf = (contender, steps) => ({
  data: { name: 'emoji', size: 32, subset: flags.subset, captions: 'canonical' },
  model: { width: 192, depth: 6, heads: 4, feedForwardWidth: 512, sequenceLength: 256 },
  modalities: { text: { adapter: 'bpe', vocabularySize: 448 }, image: adapters[contender] },
  objective: {
    schedule: { name: 'flow-matching', time: 'logit-normal' },
    prediction: 'sample',
    lossSpace: 'velocity',
    diffusionWeight: 5,
  },
  sampling: { sampler: { name: 'euler' }, steps: 40, guidance: 2 },
  train: {
    steps,
    rows: 6,
    rowLength: 128,
    learningRate: 1.2e-3,
    warmup: Math.min(100, Math.ceil(steps / 10)),
    weightDecay: 0.05,
    ema: { decay: 0.995 },
    seed: Number(flags.seed),
    checkpointEvery: steps,
    logEvery: 100,
    sampleEvery: 0,
  },
});

const squaredError = (a, b) => a.data.reduce((sum, value, index) => sum + (value - b.data[index]) ** 2, 0);

/** Every picture of a data set with its canonical caption, style and split. */
const picturesOf = (dataset) =>
  [dataset.train, ...dataset.heldOut].flatMap((split) =>
    Array.from({ length: split.length }, (_, index) => {
      const item = split.item(index, createRandom('bench'));
      const reference = parseEmojiId(item.id);
      const picture = item.segments.find(({ modality }) => modality === 'image').value;
      return { caption: canonicalCaption(reference), style: reference.style, picture, split: split.name };
    }),
  );

/** How many of `count` drawings, of these captions in turn, have the right picture as their nearest of the style. */
async function findThemselves(model, targets, all, count) {
  let found = 0;
  for (let seed = 0; seed < count; seed++) {
    const target = targets[seed % targets.length];
    const same = all.filter(({ style }) => style === target.style);
    for await (const event of model.generate([target.caption, { want: 'image' }], { seed })) {
      if (event.type !== 'segment') continue;
      const errors = same.map(({ picture }) => squaredError(picture, event.value));
      found += same[errors.indexOf(Math.min(...errors))].caption === target.caption ? 1 : 0;
    }
  }
  return { found, of: count };
}

/** Every n-th, `most` in all, or all of them. */
const spread = (list, most) => {
  const count = Math.min(list.length, most);
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)]);
};

async function trainAndJudge(contender, steps, budget) {
  const folder = join(flags.out, `${contender}-${budget}`);
  const ends = [];
  let losses = 0;
  const before = earlier.find((run) => run.contender === contender && run.budget === budget && run.steps === steps);
  const training = await host.train(configOf(contender, steps), {
    folder,
    cacheFolder: flags.cache,
    resume: flags.resume && existsSync(join(folder, 'checkpoint')) ? 'checkpoint' : 'never',
    onStep: ({ step, diffusion: loss }) => {
      ends.push(performance.now());
      losses += loss / 100;
      if (step % 100 > 0) return;
      console.error(`${contender}, ${budget}: step ${step} of ${steps}, mean loss ${losses.toFixed(4)}`);
      losses = 0;
    },
  });
  const measuredSteps = ends.slice(1).map((end, index) => end - ends[index]);
  const stepMs = measuredSteps.length > 0 ? median(measuredSteps) : (before?.stepMs ?? Number.NaN);
  const all = picturesOf(training.dataset);
  const seen = all.filter(({ split }) => split === training.dataset.train.name);
  const unseen = all.filter(({ split }) => split !== training.dataset.train.name);
  const model = await host.load(training.checkpoint);
  const parameters = host.engine.createStore((await readCheckpoint(training.checkpoint)).weights);
  const measure = (pictures, at) =>
    measureShares(host.engine, model.model, parameters, { pictures, times: at, schedule });
  const judge = async (pictures) => {
    const drawn = await measure(pictures, drawnTimes);
    // A sample's error at time t, as an error of the velocity, is 1 / t^2 of itself.
    const loss = drawn.measured.reduce((sum, at) => sum + at.loss / at.time ** 2, 0) / drawnTimes.length;
    return { diffusionLoss: loss, ...(await measure(pictures, times)) };
  };
  const result = {
    contender,
    budget,
    steps,
    stepMs,
    seconds: (stepMs * steps) / 1000,
    parameters: countParameters(model.model.parameters),
    seen: await judge(spread(seen, 96)),
    heldOut: await judge(spread(unseen, 192)),
    drawingsSeen: await findThemselves(model, spread(seen, drawings), all, drawings),
    drawingsHeldOut: await findThemselves(model, spread(unseen, drawings), all, drawings),
  };
  parameters.dispose();
  await model.dispose();
  console.error(JSON.stringify(result));
  return result;
}

await mkdir(flags.out, { recursive: true });
const contenders = flags.contenders.split(',');
const report = join(flags.out, 'unet-patch.json');
const earlier = flags.resume && existsSync(report) ? JSON.parse(await readFile(report, 'utf8')).results : [];
const results = [];
const write = async () => {
  const { subset, seed } = flags;
  const found = { machine: describeMachine(), engine: host.engine.description, subset, seed: Number(seed), results };
  await writeFile(report, `${JSON.stringify(found, null, 2)}\n`);
  await writeFile(join(flags.out, 'unet-patch.md'), `${tables()}\n`);
};
for (const contender of contenders) {
  results.push(await trainAndJudge(contender, Number(flags.steps), 'steps'));
  await write();
}
const gated = results.find(({ contender }) => contender === 'gated');
for (const { contender, stepMs } of flags.seconds && gated !== undefined ? [...results] : []) {
  if (contender === 'gated') continue;
  results.push(await trainAndJudge(contender, Math.round((gated.seconds * 1000) / stepMs), 'seconds'));
  await write();
}
console.log(tables());
await host.dispose();

/** The results as Markdown: one row per run, then one per run and time. */
function tables() {
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const score = ({ found, of }) => `${found} of ${of}`;
  const runs = results.map((run) => [
    `${run.contender}, equal ${run.budget}`,
    run.parameters.toLocaleString('en'),
    run.steps,
    run.stepMs.toFixed(0),
    run.seconds.toFixed(0),
    run.seen.diffusionLoss.toFixed(4),
    run.heldOut.diffusionLoss.toFixed(4),
    score(run.drawingsSeen),
    score(run.drawingsHeldOut),
  ]);
  const byTime = (title, split, cell) => [
    '',
    row([title, ...times.map((time) => `t ${time}`)]),
    row(['---', ...times.map(() => '---')]),
    ...results.map((run) => row([`${run.contender}, equal ${run.budget}`, ...run[split].measured.map(cell)])),
  ];
  const titles = ['run', 'parameters', 'steps', 'ms per step', 'seconds', 'loss, seen', 'loss, held out'];
  return [
    row([...titles, 'drawings, seen', 'drawings, held out']),
    row(Array(9).fill('---')),
    ...runs.map(row),
    ...byTime('error, seen pictures', 'seen', ({ loss }) => loss.toFixed(4)),
    ...byTime('error, held-out pictures', 'heldOut', ({ loss }) => loss.toFixed(4)),
    ...byTime('more with another caption', 'heldOut', (at) => (at.lossOtherCaption - at.loss).toFixed(4)),
    ...byTime('around the transformer', 'heldOut', (at) => `${(100 * at.aroundTransformer).toFixed(1)} %`),
  ].join('\n');
}
