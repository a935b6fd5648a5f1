/**
 * The main job from one command: prepares the Emoji data, trains from nothing, draws, describes, and writes a report.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { image, text } from '@transfuse/adapters';
import { createConsoleLogger, createHost, type Host, type Progress, type TrainingProgress } from '@transfuse/core';
import { diffusion } from '@transfuse/plugins';
import { emoji } from '@transfuse/plugins/data/emoji';
import {
  createStopwatch,
  describeMachine,
  describeModel,
  describeSettings,
  type ReportLoss,
  type ReportProgressGrid,
  type ReportSample,
  type TrainingReport,
  writeReport,
} from '../report/index.ts';
import { captionScores, describe, draw, type KnownPicture, knownPictures, retrievalScore } from './demo-evaluation.ts';
import { demoConfig, type DemoScale, demoScales, progressCaptions, trainedCaptions } from './demo-settings.ts';

/** How the demo is run. */
export interface DemoOptions {
  readonly scale: DemoScale['name'];
  /** Gets `report.html`, the checkpoint and the metrics. */
  readonly folder: string;
  readonly cacheFolder: string;
  readonly seed: number;
  /** Overrides the number of steps that fits the time. */
  readonly steps?: number;
  readonly signal?: AbortSignal;
  /** Says in one line what happens next. */
  readonly onStage: (sentence: string) => void;
  /** Progress of preparation: pictures rendered, tokens learned. */
  readonly onPrepare: Progress;
  readonly onStep: (progress: TrainingProgress) => void;
}

/** What came of it. */
export interface DemoResult {
  readonly report: string;
  readonly checkpoint: string;
  readonly seconds: number;
  readonly scores: NonNullable<TrainingReport['scores']>;
}

/** Runs the demo. Throws what training and generation throw. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const scale = demoScales[options.scale];
  const { folder, seed, onStage } = options;
  const clock = createStopwatch();
  await mkdir(folder, { recursive: true });
  const host = await createHost({ plugins: [text, image, diffusion, emoji], logger: createConsoleLogger('warn') });
  try {
    onStage(`Engine: ${host.engine.name} (${host.engine.description}).`);
    const steps = options.steps ?? (await stepsThatFit(host, scale, options));
    clock.lap('preparing the data, measuring this machine’s speed');
    onStage(`Training for ${steps} steps.`);
    const losses: ReportLoss[] = [];
    const progressGrids: ReportProgressGrid[] = [];
    const timeLimit = AbortSignal.timeout(scale.trainingSeconds * 1060);
    const training = await host.train(demoConfig(scale, { steps, seed }), {
      folder,
      cacheFolder: options.cacheFolder,
      signal:
        options.steps === undefined
          ? AbortSignal.any([timeLimit, ...signals(options)])
          : AbortSignal.any(signals(options)),
      onStep: (progress) => {
        losses.push(progress);
        options.onStep(progress);
      },
      onSample: async (model, step) => {
        const samples: ReportSample[] = [];
        for (const caption of progressCaptions) {
          samples.push({
            caption,
            value: await draw(model, caption, { seed, steps: Math.min(20, scale.samplerSteps) }),
          });
        }
        progressGrids.push({ step, samples });
      },
    });
    options.signal?.throwIfAborted();
    clock.lap('training, with sample grids on the way');

    onStage('Drawing captions, seen and held out.');
    const model = await host.load(training.checkpoint);
    const { dataset } = training;
    const seen = knownPictures(dataset.train);
    const unseen = dataset.heldOut.flatMap(knownPictures);
    const all = [...seen, ...unseen];
    const drawAll = async (pictures: readonly KnownPicture[]) => {
      const drawings: {
        caption: string;
        split: string;
        generated: Awaited<ReturnType<typeof draw>>[];
        real: KnownPicture['image'];
      }[] = [];
      for (const { caption, split, image: real } of pictures) {
        const generated = await draw(model, caption, { seed, ...(options.signal && { signal: options.signal }) });
        drawings.push({ caption, split, generated: [generated], real });
      }
      return drawings;
    };
    const trained = await drawAll(
      trainedCaptions.flatMap((caption) => seen.find((picture) => picture.caption === caption) ?? []),
    );
    const heldOut = await drawAll(unseen);
    clock.lap('drawing');

    onStage('Describing pictures.');
    const every = Math.max(1, Math.floor(seen.length / scale.captionsPerSplit));
    const described = [
      ...seen.filter((_, index) => index % every === 0).slice(0, scale.captionsPerSplit),
      ...dataset.heldOut.flatMap((split) => knownPictures(split).slice(0, scale.captionsPerSplit)),
    ];
    const captions = await describe(model, described, options.signal ? { signal: options.signal } : {});
    clock.lap('describing');

    const scores = [
      retrievalScore('drawings, seen captions', trained, all),
      retrievalScore('drawings, held-out captions', heldOut, all),
      ...captionScores(captions),
    ];
    const report: TrainingReport = {
      title: `Transfuse demo${scale.name === 'quick' ? ' (quick)' : ''}: emoji from nothing`,
      summary: [
        'One transformer learned to draw emoji from their names and to name drawn emoji, from random weights, on this machine.',
        `It saw ${dataset.train.length} pictures in four drawing styles. The held-out pictures below were never in training: the model knows the colour, the shape and the style, but not this combination.`,
        training.reason === 'aborted' ? `The time ran out at step ${training.step} of ${steps}.` : '',
      ]
        .filter((paragraph) => paragraph !== '')
        .join('\n\n'),
      finished: new Date().toISOString(),
      machine: describeMachine(host.engine.description),
      durations: clock.laps(),
      settings: describeSettings(model.config),
      model: describeModel(model.model),
      data: {
        name: 'Emoji, compositional subset',
        trainItems: dataset.train.length,
        heldOut: dataset.heldOut.map(({ name, length }) => ({ split: name, items: length })),
        licences: [
          'Twemoji drawings: CC BY 4.0, Twitter, Inc. and other contributors (jdecked/twemoji)',
          'Noto Emoji drawings: Apache-2.0, Google',
          'Fluent Emoji drawings (flat and 3D): MIT, Microsoft',
          'Names: Unicode CLDR, through emojibase-data (MIT)',
        ],
      },
      losses,
      progressGrids,
      trained,
      heldOut,
      captions,
      scores,
      notes: [
        'Drawings use seed ' + seed + ' throughout; nothing was picked.',
        'A diffusion loss is the mean squared error of the velocity; it cannot reach zero, because the noise hides the picture.',
      ],
    };
    const file = join(folder, 'report.html');
    await writeReport(report, file);
    clock.lap('writing the report');
    return { report: file, checkpoint: training.checkpoint, seconds: clock.total(), scores };
  } finally {
    await host.dispose();
  }
}

const signals = ({ signal }: DemoOptions): AbortSignal[] => (signal === undefined ? [] : [signal]);

/** Trains a few steps to see how long one takes here, and returns how many fit the time. */
async function stepsThatFit(host: Host, scale: DemoScale, options: DemoOptions): Promise<number> {
  const trial = { steps: 16, seed: options.seed };
  const times: number[] = [];
  await host.train(
    { ...demoConfig(scale, trial), train: { ...demoConfig(scale, trial).train, sampleEvery: 0 } },
    {
      folder: join(options.folder, 'trial'),
      cacheFolder: options.cacheFolder,
      ...(options.signal && { signal: options.signal }),
      onPrepare: options.onPrepare,
      onStep: () => times.push(performance.now()),
    },
  );
  options.signal?.throwIfAborted();
  await rm(join(options.folder, 'trial'), { recursive: true });
  const durations = times.slice(4).map((time, index) => time - times[index + 3]!);
  const median = durations.toSorted((a, b) => a - b)[Math.floor(durations.length / 2)]!;
  return Math.max(20, Math.min(scale.maximumSteps, Math.floor((scale.trainingSeconds * 1000) / median)));
}
