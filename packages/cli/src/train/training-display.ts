// What a training run shows on standard error: on a terminal a bar that is redrawn in place, elsewhere one line every
// `train.logEvery` steps.
import type { Progress, TrainingProgress } from '@transfuse/core';
import cliProgress from 'cli-progress';
import { formatDuration, formatMeasure } from '../report/quantity.ts';
import type { Output } from '../surroundings.ts';

/** Shows a run. */
export interface TrainingDisplay {
  /** Progress of what comes before training. */
  readonly prepare: Progress;
  step(progress: TrainingProgress): void;
  /** A line between, for example a warning. It ends with a line break. */
  write(line: string): void;
  /** Leaves the last state of the bar behind. */
  close(): void;
}

/** The display that fits an output. */
export function createTrainingDisplay(output: Output, options: { readonly logEvery: number }): TrainingDisplay {
  return output.isTTY === true ? createBarDisplay(output) : createLineDisplay(output, options);
}

/** The numbers of a step in one line: `step 20/2000  text 5.512  diffusion 6.17  8,019 tokens/s  4 min 5 s left`. */
export function describeStep(progress: TrainingProgress): string {
  return [`step ${progress.step}/${progress.steps}`, ...numbersOf(progress)].join('  ');
}

function numbersOf({ text, diffusion, tokensPerSecond, secondsLeft }: TrainingProgress): readonly string[] {
  return [
    `text ${formatMeasure(text)}`,
    `diffusion ${formatMeasure(diffusion)}`,
    `${formatMeasure(tokensPerSecond)} tokens/s`,
    `${formatDuration(secondsLeft)} left`,
  ];
}

function createLineDisplay(output: Output, { logEvery }: { readonly logEvery: number }): TrainingDisplay {
  const ended = new Set<string>();
  return {
    prepare({ task, done, total }) {
      if (done < total || ended.has(task)) return;
      ended.add(task);
      output.write(`${task}: done\n`);
    },
    step(progress) {
      const { step, steps } = progress;
      if (step === 1 || step === steps || step % logEvery === 0) output.write(`${describeStep(progress)}\n`);
    },
    write: (line) => void output.write(line),
    close() {},
  };
}

function createBarDisplay(output: Output): TrainingDisplay {
  let current: { readonly bar: cliProgress.SingleBar; readonly task: string } | undefined;
  const close = () => {
    current?.bar.stop();
    current = undefined;
  };
  const show = (task: string, done: number, total: number, numbers: string) => {
    if (current?.task !== task) {
      close();
      const format = `${task} {bar} {value}/{total}  {numbers}`;
      const settings = { format, barsize: 20, gracefulExit: false, linewrap: true, fps: 10 };
      const preset = cliProgress.Presets.shades_classic;
      const bar = new cliProgress.SingleBar({ ...settings, stream: output as NodeJS.WriteStream }, preset);
      bar.start(total, done, { numbers });
      current = { bar, task };
    }
    current.bar.setTotal(total);
    current.bar.update(done, { numbers });
  };
  return {
    prepare({ task, done, total }) {
      show(task, done, total, '');
      if (done >= total) close();
    },
    step: (progress) => show('step', progress.step, progress.steps, numbersOf(progress).join('  ')),
    write: (line) => void output.write(current === undefined ? line : `\r\u001B[K${line}`),
    close,
  };
}
