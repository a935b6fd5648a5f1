/** `transfuse demo`: the main job on real data, from nothing to a report. */
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { type DemoResult, runDemo } from '../demo/run-demo.ts';
import { ExitRequest } from '../exit-request.ts';
import { interruptedExitCode } from '../train/interruption.ts';
import { createTrainingDisplay } from '../train/training-display.ts';

interface DemoFlags {
  readonly quick?: true;
  readonly out: string;
  readonly seed: number;
  readonly steps?: number;
  readonly json?: true;
}

/** Creates the command. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('train on emoji from nothing, draw, describe, and write a report (about 9 minutes on two cores)')
    .option('--quick', 'a smoke run of under a minute; its pictures are not good')
    .option('--out <folder>', 'where the report, the checkpoint and the metrics go', 'demo')
    .option('--seed <number>', 'decides everything random', wholeNumber, 0)
    .option('--steps <number>', 'training steps, instead of as many as fit the time', wholeNumber)
    .option('--json', 'print the result as one line of JSON')
    .action(async (flags: DemoFlags) => {
      const interrupt = new AbortController();
      process.once('SIGINT', () => interrupt.abort()); // a second one ends the process at once
      const display = createTrainingDisplay(process.stderr, { logEvery: 50 });
      const result = await runDemo({
        scale: flags.quick ? 'quick' : 'full',
        folder: flags.out,
        cacheFolder: join('.cache', 'transfuse'),
        seed: flags.seed,
        ...(flags.steps === undefined ? {} : { steps: flags.steps }),
        signal: interrupt.signal,
        onStage: (sentence) => {
          display.close();
          process.stderr.write(`${sentence}\n`);
        },
        onPrepare: display.prepare,
        onStep: (progress) => display.step(progress),
      }).catch((error: unknown) => {
        display.close();
        if (!interrupt.signal.aborted) throw error;
        process.stderr.write(`Stopped. What there is of the run lies in ${flags.out}.\n`);
        throw new ExitRequest(interruptedExitCode);
      });
      display.close();
      process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : summary(result));
    });
}

function summary({ report, checkpoint, seconds, scores }: DemoResult): string {
  const lines = scores.map(({ label, value }) => `  ${label.padEnd(32)} ${value}`);
  return [
    ...lines,
    `Done in ${Math.round(seconds)} s. Open ${report} in a browser.`,
    `Draw more: npx transfuse generate ${checkpoint} "blue heart, noto style" --want image`,
    '',
  ].join('\n');
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number from 0 up.');
  return value;
}
