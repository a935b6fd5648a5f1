// A made-up training report with every section filled, for tests and for looking at the page without training a
// model. Everything in it is computed, so it is the same each time.

import { type SampleKind, sampleValue } from './sample-values.ts';
import type { ReportLoss, ReportValue, TrainingReport } from './training-report.ts';

const captionOf = (which: number) => captions[which % captions.length] ?? '';
const captions = ['a red heart, noto style', 'a yellow sun, flat style', 'a green leaf, twemoji style', 'a blue whale'];
/** What of a sample report can be chosen. */
export interface SampleReportOptions {
  /** Length of the loss log. Default 1,500. */
  readonly records?: number;
  /** Width and height of pictures in pixels. Default 32. */
  readonly side?: number;
  /** Which kinds of values the model makes. Default pictures alone. */
  readonly kinds?: readonly SampleKind[];
}

/** Makes the sample. */
export function sampleTrainingReport(options: SampleReportOptions = {}): TrainingReport {
  const { records = 1500, side = 32, kinds = ['picture'] } = options;
  const each = <Item>(make: (value: (which: number, noise: number, seed: number) => ReportValue) => readonly Item[]) =>
    kinds.flatMap((kind) => make((which, noise, seed) => sampleValue(kind, { side, which, noise, seed })));
  return {
    title: 'A small emoji model, trained from nothing',
    summary:
      'A made-up run that shows what a report looks like. None of these numbers was measured.\n\nThe pictures are discs in noise, the sounds are tones, the clips are discs that move.',
    finished: '2025-03-14T15:09:26.000Z',
    machine: {
      cpu: 'Example CPU at 2.4 GHz',
      cores: 2,
      memoryGiB: 15.6,
      node: 'v20.20.0',
      platform: 'linux x64',
      engine: 'ONNX Runtime 1.30.0, cpu, 2 threads',
    },
    durations: [
      { label: 'data', seconds: 0.42 },
      { label: 'training', seconds: 5025 },
      { label: 'evaluation', seconds: 63.2 },
    ],
    settings: { model: { width: 256, depth: 8, heads: 4 }, train: { steps: records * 10, learningRate: 3e-4 } },
    model: {
      parameters: 7_345_152,
      parts: [
        { name: 'transformer blocks', parameters: 6_295_552 },
        { name: 'token embedding', parameters: 524_288 },
        { name: 'image adapter', parameters: 525_312 },
      ],
    },
    data: {
      name: 'emoji',
      trainItems: 9_870,
      heldOut: [
        { split: 'unseen-style', items: 420 },
        { split: 'unseen-emoji', items: 96 },
      ],
      licences: ['Discs: drawn by this program, no rights reserved.'],
    },
    losses: Array.from({ length: records }, (_, index) => sampleLoss(index, records)),
    progressGrids: [100, 1_000, 5_000, 15_000].map((step, row) => ({
      step,
      samples: each((value) =>
        captions.map((caption, which) => ({ caption, value: value(which, 0.9 - row * 0.28, row) })),
      ),
    })),
    trained: each((value) =>
      captions.map((caption, which) => ({
        caption,
        generated: [value(which, 0.1, 1), value(which, 0.15, 2)],
        real: value(which, 0, 0),
      })),
    ),
    heldOut: each((value) =>
      Array.from({ length: 6 }, (_, which) => ({
        split: which < 4 ? 'unseen-style' : 'unseen-emoji',
        caption: captionOf(which),
        generated: [value(which, 0.25, which)],
        real: value(which, 0, 0),
      })),
    ),
    captions: each((value) =>
      Array.from({ length: 40 }, (_, index) => ({
        split: index < 30 ? 'train' : 'unseen-style',
        id: `emoji-${String(index).padStart(4, '0')}`,
        value: value(index, 0, 0),
        expected: captionOf(index),
        written: index % 5 === 3 ? 'a blue fish' : captionOf(index),
        correct: index % 5 !== 3,
      })),
    ),
    scores: [
      {
        label: 'Round trip',
        value: 87.5,
        unit: '%',
        note: 'Captions recovered from generated pictures; 400 samples, higher is better.',
      },
      { label: 'Pixel error', value: 0.0312, note: 'Mean squared error against the real picture; lower is better.' },
    ],
    notes: ['The last 500 steps used averaged weights.'],
  };
}

function sampleLoss(index: number, records: number): ReportLoss {
  const progress = index / Math.max(1, records - 1); // 0 … 1
  const wobble = (rate: number) => Math.sin(index * rate) * Math.sin(index * rate * 1.7 + 1);
  const text = (0.7 + 6.9 * Math.exp(-9 * progress)) * (1 + 0.12 * wobble(12.9898));
  const diffusion = (0.045 + 0.95 * Math.exp(-14 * progress)) * (1 + 0.3 * wobble(78.233));
  return {
    step: (index + 1) * 10,
    text,
    diffusion,
    total: text + 5 * diffusion,
    learningRate: 3e-4 * Math.min(1, (index + 1) / (records * 0.03)) * (0.55 + 0.45 * Math.cos(Math.PI * progress)),
    tokensPerSecond: index === 0 ? 2_100 : 13_800 + 600 * wobble(3.7),
  };
}
