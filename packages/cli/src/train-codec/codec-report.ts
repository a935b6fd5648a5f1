// The page about a trained codec: how well it gives pictures back, originals beside reconstructions, how the error fell,
// and every setting. One file that loads nothing, in the look of the training report.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AutoencoderKlConfig, VaeStepReport } from '@transfuse/adapters/vae';
import { TransfuseError } from '@transfuse/core/contracts';
import { lineChart } from '../report/line-chart.ts';
import { markup, type Markup, trusted } from '../report/markup.ts';
import { picture } from '../report/picture.ts';
import { formatCount, formatDuration, formatMeasure } from '../report/quantity.ts';
import { table } from '../report/section.ts';
import { styleSheet } from '../report/style-sheet.ts';
import type { CodecConfig } from './codec-config.ts';
import type { SplitEvaluation } from './codec-evaluation.ts';
import { describeTerms } from './codec-terms.ts';

/** What the page tells. */
export interface CodecReport {
  readonly config: CodecConfig;
  /** With the measured scaling. */
  readonly autoencoder: AutoencoderKlConfig;
  readonly parameters: number;
  readonly steps: readonly VaeStepReport[];
  readonly seconds: number;
  readonly engine: string;
  readonly evaluations: readonly SplitEvaluation[];
}

/** Writes the page, and its folder if need be. Throws `file.unwritable`. */
export async function writeCodecReport(report: CodecReport, file: string): Promise<void> {
  const page = await renderCodecReport(report);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, page);
  } catch (cause) {
    throw new TransfuseError({
      code: 'file.unwritable',
      place: file,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a place that can be written to',
      mend: 'Check the path, its permissions and the space left on the disk.',
      cause,
    });
  }
}

/** The page as text; the same report gives the same text. */
async function renderCodecReport(report: CodecReport): Promise<string> {
  const stylePolicy = `sha256-${createHash('sha256').update(styleSheet).digest('base64')}`;
  const policy = `default-src 'none'; img-src data:; style-src '${stylePolicy}'; base-uri 'none'; form-action 'none'`;
  const { config, autoencoder, parameters, steps, seconds, engine, evaluations } = report;
  const { size, latentChannels, channels } = config.codec;
  const side = size / 2 ** (channels.length - 1);
  const settings = { data: config.data, codec: config.codec, train: config.train };
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<title>A codec of ${config.data.name}</title>
<link rel="icon" href="data:,">
<style>${trusted(styleSheet)}</style>
</head>
<body>
<header>
<h1>A codec of ${config.data.name}</h1>
<p>An autoencoder of ${formatCount(parameters, 'parameter', 'parameters')} makes latents of ${side} × ${side} × ${latentChannels}
out of pictures of ${size} × ${size} × 3. It was trained for ${formatCount(steps.length, 'step', 'steps')} of
${formatCount(config.train.batch, 'picture', 'pictures')} in ${formatDuration(seconds)} (${engine}), on
${describeTerms(config.train)}.</p>
<p>Latents are scaled by ${formatMeasure(autoencoder.scaling.scale)} after ${formatMeasure(autoencoder.scaling.shift)} is taken away.</p>
</header>
<main>
<section><h2>How well it gives pictures back</h2>
${table({
  label: 'Quality by split',
  columns: [
    { title: 'Split' },
    { title: 'Pictures', kind: 'number' },
    { title: 'Peak signal-to-noise ratio', kind: 'number' },
  ],
  rows: evaluations.map(({ split, pictures, psnr }) => [
    split,
    formatCount(pictures, 'picture', 'pictures'),
    `${psnr.toFixed(2)} dB`,
  ]),
})}</section>
${await Promise.all(evaluations.map(shownPictures))}
<section><h2>How the error fell</h2>
<figure>${lineChart({
    id: 'chart-reconstruction',
    title: 'Absolute error',
    description: 'The mean absolute error of a colour at every step.',
    xLabel: 'training step',
    yLabel: 'mean absolute error, logarithmic axis',
    yScale: 'log',
    series: [
      {
        label: 'measured',
        colour: 1,
        points: steps.map(({ step, reconstruction }) => ({ x: step, y: reconstruction })),
      },
    ],
  })}</figure></section>
<section><h2>Settings</h2><pre>${JSON.stringify(settings, null, 2)}</pre></section>
</main>
</body>
</html>
`.text;
}

async function shownPictures({ split, shown }: SplitEvaluation): Promise<Markup> {
  const cards = await Promise.all(
    shown.map(async ({ original, decoded }, index) => {
      const place = `${split}[${index}]`;
      const before = await picture(original, { alt: `Original ${index + 1}`, place });
      const after = await picture(decoded, { alt: `Reconstruction ${index + 1}`, place });
      return markup`<figure class="card"><ul class="pictures"><li class="real">${before}<span>original</span></li><li>${after}<span>decoded</span></li></ul></figure>\n`;
    }),
  );
  return markup`<section><h2>Split <q>${split}</q></h2><div class="drawings">${cards}</div></section>\n`;
}
