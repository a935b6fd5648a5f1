// Made-up values for made-up reports: a coloured disc in noise, a falling tone in noise, a disc that goes around. The
// same numbers give the same values.

import type { RawAudio } from '@transfuse/adapters/audio';
import type { RawClip } from '@transfuse/adapters/video';
import type { RawImage } from '@transfuse/core/contracts';
import type { ReportValue } from './training-report.ts';

/** Which kind of value is made. */
export type SampleKind = 'picture' | 'sound' | 'clip';

/** What a value is made of. */
export interface SampleValueOptions {
  /** Width and height of pictures in pixels. */
  readonly side: number;
  /** Which of the values: decides colours and tones. */
  readonly which: number;
  /** Share of noise, 0 to 1. */
  readonly noise: number;
  readonly seed: number;
}

const colours = [
  [214, 45, 60],
  [245, 190, 40],
  [60, 150, 80],
  [70, 120, 210],
] as const;

/** Makes a value. */
export function sampleValue(kind: SampleKind, options: SampleValueOptions): ReportValue {
  return kind === 'picture' ? disc(options, 0, 0) : kind === 'sound' ? tone(options) : orbit(options);
}

/** @param right @param down where its middle is, in shares of the side from the picture's middle */
function disc({ side, which, noise, seed }: SampleValueOptions, right: number, down: number): RawImage {
  const data = new Uint8Array(side * side * 3).map((_, index) => {
    const [pixel, channel] = [Math.floor(index / 3), index % 3];
    const [x, y] = [(pixel % side) - side * (0.5 + right) + 0.5, Math.floor(pixel / side) - side * (0.5 + down) + 0.5];
    const radius = side * (right === 0 && down === 0 ? 0.4 : 0.2);
    const clean = Math.hypot(x, y) < radius ? (colours[which % colours.length]?.[channel] ?? 0) : 250;
    return Math.round(clean * (1 - noise) + uniform(index + 1, seed, which) * 255 * noise);
  });
  return { width: side, height: side, data };
}

function orbit(options: SampleValueOptions): RawClip {
  const frames = Array.from({ length: 8 }, (_, frame) => {
    const angle = (frame / 8 + options.which / 4) * 2 * Math.PI;
    return disc({ ...options, seed: options.seed + frame }, 0.25 * Math.cos(angle), 0.25 * Math.sin(angle));
  });
  return { frames, delays: frames.map(() => 125) };
}

function tone({ which, noise, seed }: SampleValueOptions): RawAudio {
  const sampleRate = 8000;
  const seconds = 0.4 + 0.15 * (which % 4);
  const samples = Float32Array.from({ length: seconds * sampleRate }, (_, index) => {
    const time = index / sampleRate;
    const phase = 2 * Math.PI * (900 + 400 * (which % 4)) * (time - (0.3 * time * time) / seconds);
    const loudness = 0.4 * Math.sin((Math.PI * time) / seconds);
    const clean = loudness * (Math.sin(phase) + 0.4 * Math.sin(2 * phase));
    return clean * (1 - noise) + 0.4 * noise * (uniform(index + 1, seed, which) - 0.5);
  });
  return { sampleRate, channels: [samples] };
}

function uniform(index: number, seed: number, which: number): number {
  return Math.abs(Math.sin(index * 12.9898 + seed * 78.233 + which) * 43_758.5453) % 1;
}
