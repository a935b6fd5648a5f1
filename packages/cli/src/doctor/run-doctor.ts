// Runs `transfuse doctor` and prints what it found.
import { engineConfig } from '../arguments/shared-options.ts';
import type { DoctorOptions } from '../commands/doctor.ts';
import { ExitRequest } from '../exit-request.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import type { Surroundings } from '../surroundings.ts';
import { alignColumns } from '../text/columns.ts';
import { type EngineReport, examine, type HealthReport, type PackageReport } from './health-report.ts';

/** Checks the machine. Throws ExitRequest 1 where the engine that would be chosen does not work. */
export async function runDoctor(options: DoctorOptions, { stdout, stderr }: Surroundings): Promise<void> {
  const logger = createStreamLogger(stderr, { from: options.debug ? 'debug' : 'warn' });
  const health = await examine(engineConfig(options), logger);
  stdout.write(options.json ? `${JSON.stringify(health, null, 2)}\n` : `${describeHealth(health).join('\n')}\n`);
  if (!health.chosen.works) throw new ExitRequest(1);
}

/** What was found, in lines. */
function describeHealth({ node, platform, packages, engines, chosen, data }: HealthReport): readonly string[] {
  return [
    `Node.js ${node} on ${platform}`,
    ...alignColumns(packages.map(describePackage)),
    '',
    'Engines',
    ...alignColumns(engines.map(describeEngine)),
    '',
    chosen.works
      ? `Commands would run on the ${chosen.engine} engine: ${chosen.description}.`
      : `The engine that commands would use does not work: ${chosen.problem}`,
    ...data.flatMap((entry) => [
      '',
      `Packages of the data set ${entry.dataset}`,
      ...alignColumns(entry.packages.map(describePackage)),
    ]),
  ];
}

function describePackage({ name, version, install }: PackageReport): readonly string[] {
  return [`  ${name}`, version ?? `not installed: ${install}`];
}

function describeEngine({ name, needs, optional, trial }: EngineReport): readonly string[] {
  const installed = needs.filter(({ version }) => version !== null).map((item) => `${item.name} ${item.version}`);
  const missing = needs.map(({ install }) => install).filter((command) => command !== undefined);
  const need =
    missing.length === 0 ? `with ${installed.join(', ')}` : `${optional ? 'optional: ' : ''}${missing.join(' and ')}`;
  if (trial !== null && !trial.works) return [`  ${name}`, optional ? 'not here' : 'fails', trial.problem];
  return [`  ${name}`, trial === null ? 'not installed' : `works (${trial.milliseconds} ms)`, need];
}
