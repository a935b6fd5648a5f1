// What the training of a codec shows on standard error: on a terminal one line that is written over, elsewhere a line
// every `train.logEvery` steps.
import type { VaeStepReport } from '@transfuse/adapters/vae';
import type { Progress } from '@transfuse/core';
import { formatDuration, formatMeasure } from '../report/quantity.ts';
import type { Output } from '../surroundings.ts';

/** Shows a run. */
export interface CodecDisplay {
  /** Progress of what comes before and after training. */
  readonly prepare: Progress;
  step(report: VaeStepReport): void;
  /** A line between, for example a warning. It ends with a line break. */
  write(line: string): void;
  /** Leaves the last state behind. */
  close(): void;
}

/** The numbers of a step in one line: `step 20/400  error 0.1234  divergence 0.02  3 min 5 s left`. */
export function describeCodecStep(
  { step, reconstruction, divergence, perceptual, discriminator }: VaeStepReport,
  { steps, secondsLeft }: { readonly steps: number; readonly secondsLeft: number },
): string {
  const numbers = [
    `error ${formatMeasure(reconstruction)}`,
    `divergence ${formatMeasure(divergence, 3)}`,
    ...(perceptual === undefined ? [] : [`perceptual ${formatMeasure(perceptual, 3)}`]),
    ...(discriminator === undefined ? [] : [`discriminator ${formatMeasure(discriminator, 3)}`]),
  ];
  return [`step ${step}/${steps}`, ...numbers, `${formatDuration(secondsLeft)} left`].join('  ');
}

/** The display that fits an output. */
export function createCodecDisplay(
  output: Output,
  { steps, logEvery }: { readonly steps: number; readonly logEvery: number },
): CodecDisplay {
  const overwrites = output.isTTY === true;
  const ended = new Set<string>();
  let open = false;
  let began: { readonly at: number; readonly step: number } | undefined;
  const closeLine = () => {
    if (open) output.write('\n');
    open = false;
  };
  const show = (text: string) => {
    output.write(overwrites ? `\r\u001B[K${text}` : `${text}\n`);
    open = overwrites;
  };
  return {
    prepare({ task, done, total }) {
      if (overwrites && done < total) return show(`${task} ${done}/${total}`);
      if (done < total || ended.has(task)) return;
      ended.add(task);
      show(`${task}: done`);
      closeLine();
    },
    step(report) {
      const { step } = report;
      const now = performance.now();
      began ??= { at: now, step };
      const pace = step > began.step ? (now - began.at) / 1000 / (step - began.step) : Number.NaN;
      if (!overwrites && step !== 1 && step !== steps && step % logEvery !== 0) return;
      show(describeCodecStep(report, { steps, secondsLeft: pace * (steps - step) }));
    },
    write(line) {
      output.write(open ? `\r\u001B[K${line}` : line);
      open = false;
    },
    close: closeLine,
  };
}
