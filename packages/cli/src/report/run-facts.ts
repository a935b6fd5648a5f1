// What every report says of a run besides what was learned: the machine, the settings, the parts of the model, and how
// long each stage took.

import { availableParallelism, cpus, totalmem } from 'node:os';
import type { ResolvedConfig } from '@transfuse/core';
import type { ParameterSpec } from '@transfuse/core/contracts';
import { parameterParts } from '../inspect/parameter-parts.ts';
import type { TrainingReport } from './training-report.ts';

/** This machine, with what computes on it. */
export function describeMachine(engine: string): TrainingReport['machine'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    engine,
  };
}

/** A configuration as plain data: plugins are code and left out. */
export function describeSettings({ plugins: _, ...settings }: ResolvedConfig): TrainingReport['settings'] {
  return settings as Readonly<Record<string, unknown>>;
}

/** A model's parameters, in all and by part. */
export function describeModel({ parameters: spec }: { readonly parameters: ParameterSpec }): TrainingReport['model'] {
  const parts = parameterParts(spec)
    .filter(({ parameters }) => parameters > 0)
    .map(({ part, parameters }) => ({ name: part, parameters }));
  return { parameters: parts.reduce((sum, { parameters }) => sum + parameters, 0), parts };
}

/** Measures stages one after another. */
export interface Stopwatch {
  /** Ends the stage that began with the one before. */
  lap(label: string): void;
  laps(): TrainingReport['durations'];
  /** Seconds since it was made. */
  total(): number;
}

/** A stopwatch that runs. */
export function createStopwatch(): Stopwatch {
  const begin = performance.now();
  let last = begin;
  const done: { label: string; seconds: number }[] = [];
  return {
    lap(label) {
      const now = performance.now();
      done.push({ label, seconds: (now - last) / 1000 });
      last = now;
    },
    laps: () => [...done],
    total: () => (performance.now() - begin) / 1000,
  };
}
