// A made-up training report with every section filled, for tests and for looking at the page without training a
// model. Everything in it is computed, so it is the same each time; the pictures are coloured discs in noise.

import type { RawImage } from '@transfuse/core/contracts';
import type { ReportLoss, TrainingReport } from './training-report.ts';

const captions = ['a red heart, noto style', 'a yellow sun, flat style', 'a green leaf, twemoji style', 'a blue whale'];
const colours = [
  [214, 45, 60],
  [245, 190, 40],
  [60, 150, 80],
  [70, 120, 210],
] as const;

/** Makes the sample; `records` (1,500 by default) is the length of its loss log, `side` (32) its pictures' size in pixels. */
export function sampleTrainingReport(
  options: { readonly records?: number; readonly side?: number } = {},
): TrainingReport {
  const { records = 1500, side = 32 } = options;
  const disc = (kind: number, noise: number, seed: number) => noisyDisc({ side, kind, noise, seed });
  const captionOf = (kind: number) => captions[kind % captions.length] ?? '';
  return {
    title: 'A small emoji model, trained from nothing',
    summary:
      'A made-up run that shows what a report looks like. None of these numbers was measured.\n\nThe pictures are discs in noise.',
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
      pictures: captions.map((caption, kind) => ({ caption, image: disc(kind, 0.9 - row * 0.28, row) })),
    })),
    trained: captions.map((caption, kind) => ({
      caption,
      generated: [disc(kind, 0.1, 1), disc(kind, 0.15, 2)],
      real: disc(kind, 0, 0),
    })),
    heldOut: Array.from({ length: 6 }, (_, kind) => ({
      split: kind < 4 ? 'unseen-style' : 'unseen-emoji',
      caption: captionOf(kind),
      generated: [disc(kind, 0.25, kind)],
      real: disc(kind, 0, 0),
    })),
    captions: Array.from({ length: 40 }, (_, index) => ({
      split: index < 30 ? 'train' : 'unseen-style',
      id: `emoji-${String(index).padStart(4, '0')}`,
      image: disc(index, 0, 0),
      expected: captionOf(index),
      written: index % 5 === 3 ? 'a blue fish' : captionOf(index),
      correct: index % 5 !== 3,
    })),
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

function noisyDisc(options: { side: number; kind: number; noise: number; seed: number }): RawImage {
  const { side, kind, noise, seed } = options;
  const data = new Uint8Array(side * side * 3).map((_, index) => {
    const [pixel, channel] = [Math.floor(index / 3), index % 3];
    const [x, y] = [(pixel % side) - side / 2 + 0.5, Math.floor(pixel / side) - side / 2 + 0.5];
    const clean = Math.hypot(x, y) < side * 0.4 ? (colours[kind % colours.length]?.[channel] ?? 0) : 250;
    const random = Math.abs(Math.sin((index + 1) * 12.9898 + seed * 78.233 + kind) * 43_758.5453) % 1;
    return Math.round(clean * (1 - noise) + random * 255 * noise);
  });
  return { width: side, height: side, data };
}
