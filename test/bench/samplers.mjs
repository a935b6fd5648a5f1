// Samplers against each other on the demo's model: the same seeds and captions, several numbers of network evaluations.
// `npm run demo` first (or name a checkpoint), then `npm run bench:samplers`. It writes docs/samplers.png (the drawings),
// docs/samplers-quality.svg and docs/samplers-error.svg (the curves), and prints the numbers as tables.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createHost, createRandom } from '@transfuse/core';
import { image, text } from '@transfuse/adapters';
import { diffusion } from '@transfuse/plugins';
import { canonicalCaption, emoji, parseEmojiId } from '@transfuse/plugins/data/emoji';
import sharp from 'sharp';
import { linesSvg } from './lines.mjs';
import { describeMachine, median } from './machine.mjs';

const { values: flags } = parseArgs({
  options: {
    checkpoint: { type: 'string', default: 'demo/checkpoint' },
    captions: { type: 'string', default: '48' },
    evaluations: { type: 'string', default: '2,4,6,8,12,16,24,40' },
    guidance: { type: 'string', default: '2' },
    out: { type: 'string', default: 'docs' },
  },
});
const budgets = flags.evaluations.split(',').map(Number);
const guidance = Number(flags.guidance);

/** Samplers by label; `stages` is how many evaluations a step takes. */
const contenders = [
  { label: 'euler', sampler: { name: 'euler' }, stages: 1 },
  { label: 'heun', sampler: { name: 'heun' }, stages: 2 },
  { label: 'midpoint', sampler: { name: 'midpoint', counts: 'steps' }, stages: 2 },
  { label: 'dpm-solver', sampler: { name: 'dpm-solver' }, stages: 1 },
  { label: 'dpm-solver, order 3', sampler: { name: 'dpm-solver', order: 3 }, stages: 1 },
  { label: 'unipc', sampler: { name: 'unipc' }, stages: 1 },
  { label: 'deis', sampler: { name: 'deis' }, stages: 1 },
  { label: 'ddpm', sampler: { name: 'ddpm' }, stages: 1 },
  { label: 'dpm-solver (sde)', sampler: { name: 'dpm-solver', algorithm: 'sde-dpmsolver++' }, stages: 1 },
  { label: 'euler + Taylor cache', sampler: { name: 'euler' }, stages: 1, stepCache: { name: 'taylor' } },
];
/** What deterministic samplers converge to. */
const converged = { sampler: { name: 'dpm-solver' }, stages: 1 };

const host = await createHost({ plugins: [text, image, diffusion, emoji], logger: quietLogger() });
const model = await host.load(flags.checkpoint);
const { name, ...settings } = model.config.data;
const factory = await host.create('dataset', name, settings);
const dataset = await factory.prepare({}, { cacheFolder: '.cache/transfuse' });
const known = [dataset.train, ...dataset.heldOut].flatMap((split) =>
  Array.from({ length: split.length }, (_, index) => {
    const item = split.item(index, createRandom('bench'));
    const reference = parseEmojiId(item.id);
    const picture = item.segments.find(({ modality }) => modality === 'image').value;
    return { caption: canonicalCaption(reference), style: reference.style, picture, split: split.name };
  }),
);
const trained = known.filter(({ split }) => split === dataset.train.name);
const count = Math.min(Number(flags.captions), trained.length);
const asked = Array.from({ length: count }, (_, index) => trained[Math.floor((index * trained.length) / count)]);

const squaredError = (a, b) => a.data.reduce((sum, value, index) => sum + (value - b.data[index]) ** 2, 0);
const findsItself = (drawing, target) => {
  const same = known.filter(({ style }) => style === target.style);
  const nearest = same.reduce((best, other) =>
    squaredError(other.picture, drawing) < squaredError(best.picture, drawing) ? other : best,
  );
  return nearest.caption === target.caption;
};

async function draw(caption, seed, { sampler, stepCache = 'none' }, steps) {
  let evaluated = 0;
  const start = performance.now();
  for await (const event of model.generate([caption, { want: 'image' }], {
    seed,
    steps,
    guidance,
    sampler,
    stepCache,
  })) {
    if (event.type === 'step' && event.source === 'network') evaluated += 1;
    if (event.type === 'segment')
      return { picture: event.value, evaluated, seconds: (performance.now() - start) / 1000 };
  }
  throw new Error(`no picture came for ${caption}`);
}

/** As many steps as come closest to a budget of evaluations; at least one. */
const stepsFor = ({ stages, stepCache }, budget) =>
  Math.max(1, stepCache === undefined ? Math.floor(budget / stages) : Math.round(budget * 2 - 3));

const reference = new Map();
for (const [index, target] of asked.entries()) {
  reference.set(index, (await draw(target.caption, index, converged, 250)).picture);
}

const rows = [];
for (const contender of contenders) {
  for (const budget of budgets) {
    const steps = stepsFor(contender, budget);
    const drawn = [];
    for (const [index, target] of asked.entries()) drawn.push(await draw(target.caption, index, contender, steps));
    const found = drawn.filter(({ picture }, index) => findsItself(picture, asked[index])).length;
    const error = Math.sqrt(
      drawn.reduce((sum, { picture }, index) => sum + squaredError(picture, reference.get(index)), 0) /
        (drawn.length * drawn[0].picture.data.length),
    );
    const row = {
      sampler: contender.label,
      evaluations: drawn[0].evaluated,
      steps,
      found: `${found} of ${drawn.length}`,
      share: found / drawn.length,
      error,
      seconds: median(drawn.map(({ seconds }) => seconds)),
    };
    rows.push(row);
    console.error(`${row.sampler}: ${row.evaluations} evaluations, found ${row.found}, error ${error.toFixed(2)}`);
  }
}

await writeFile(
  `${flags.out}/samplers-quality.svg`,
  linesSvg(curves('share'), {
    title: `Drawings whose nearest real picture is the right one, of ${count}`,
    xLabel: 'network evaluations',
    yLabel: 'share',
  }),
);
await writeFile(
  `${flags.out}/samplers-error.svg`,
  linesSvg(
    curves('error').filter(({ label }) => label !== 'ddpm' && !label.includes('sde')),
    {
      title: 'Distance from the converged drawing (root mean square, of 255)',
      xLabel: 'network evaluations',
      yLabel: 'error',
      yScale: 'log',
    },
  ),
);
await writeSheet();
console.log(JSON.stringify({ machine: describeMachine(), guidance, captions: count, rows }, null, 2));
console.log(table());
await model.dispose();
await host.dispose();

function curves(field) {
  return contenders.map(({ label }) => ({
    label,
    points: rows.filter(({ sampler }) => sampler === label).map((row) => ({ x: row.evaluations, y: row[field] })),
  }));
}

/** Finding itself by sampler and evaluations, as a Markdown table. */
function table() {
  const head = ['sampler', ...budgets.map(String)];
  const lines = contenders.map(({ label }) => {
    const own = rows.filter(({ sampler }) => sampler === label);
    return [
      label,
      ...own.map(({ evaluations, found, error }, i) => {
        const note = evaluations === budgets[i] ? '' : ` (${evaluations})`;
        return `${found.split(' ')[0]}${note}, ${error.toFixed(1)}`;
      }),
    ];
  });
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** One caption and seed by every sampler (rows) and number of evaluations (columns). */
async function writeSheet() {
  const caption = 'red heart, noto style';
  const [cell, gap, left, top] = [64, 8, 190, 54];
  const width = left + budgets.length * (cell + gap);
  const height = top + contenders.length * (cell + gap);
  const pictures = [];
  for (const [row, contender] of contenders.entries()) {
    for (const [column, budget] of budgets.entries()) {
      const { picture } = await draw(caption, 7, contender, stepsFor(contender, budget));
      const raw = { width: picture.width, height: picture.height, channels: 3 };
      const input = await sharp(Buffer.from(picture.data), { raw })
        .resize(cell, cell, { kernel: 'nearest' })
        .png()
        .toBuffer();
      pictures.push({ input, left: left + column * (cell + gap), top: top + row * (cell + gap) });
    }
  }
  const label = (x, y, words, anchor) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
  const words = [
    label(10, 20, `“${caption}”, one seed; columns: network evaluations`, 'start'),
    ...budgets.map((budget, i) => label(left + i * (cell + gap) + cell / 2, top - 10, String(budget), 'middle')),
    ...contenders.map((item, i) => label(left - 12, top + i * (cell + gap) + cell / 2 + 5, item.label, 'end')),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="14" fill="#333">${words.join('')}</svg>`;
  await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([{ input: Buffer.from(svg), left: 0, top: 0 }, ...pictures])
    .png({ palette: true })
    .toFile(`${flags.out}/samplers.png`);
}

function quietLogger() {
  return { debug() {}, info() {}, warn: console.error, error: console.error };
}
