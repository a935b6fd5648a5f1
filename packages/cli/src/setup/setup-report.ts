// What `transfuse setup` tells as it goes: one line per step, on standard output; before steps that take long, what is
// being done, on standard error. As JSON the steps come in one piece at the end.
import type { Surroundings } from '../surroundings.ts';

/** One step and how it went. */
interface SetupStep {
  /** What the step is about: `library`, `compiler` … */
  readonly name: string;
  /** `found` what was there, `done` what was not, `failed` what is mended by the steps that follow. */
  readonly outcome: 'found' | 'done' | 'failed';
  readonly detail: string;
}

/** Collects steps and shows them. */
export interface SetupReport {
  readonly steps: readonly SetupStep[];
  add(name: string, outcome: SetupStep['outcome'], detail: string): void;
  /** Says what takes a while now. */
  waitFor(work: string): void;
}

/** Makes a report. @param format `lines` are written at once; `json` writes nothing by itself */
export function createSetupReport(format: 'lines' | 'json', { stdout, stderr }: Surroundings): SetupReport {
  const steps: SetupStep[] = [];
  return {
    steps,
    add(name, outcome, detail) {
      steps.push({ name, outcome, detail });
      if (format === 'lines') stdout.write(`${name.padEnd(16)}  ${outcome.padEnd(6)}  ${detail}\n`);
    },
    waitFor(work) {
      if (format === 'lines') stderr.write(`${work} …\n`);
    },
  };
}
