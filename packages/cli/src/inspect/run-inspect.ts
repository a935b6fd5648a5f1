// Runs `transfuse inspect`.
import type { InspectOptions } from '../commands/inspect.ts';
import { withCheckpointHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import type { Surroundings } from '../surroundings.ts';
import { reportCheckpoint } from './checkpoint-report.ts';
import { describeCheckpoint } from './report-text.ts';

/** Says what is in a checkpoint. */
export async function runInspect(
  folder: string,
  { config, json, debug }: InspectOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const logger = createStreamLogger(stderr, { from: debug ? 'debug' : 'warn' });
  const report = await withCheckpointHost({ folder, config, engine: 'none', logger }, (host) =>
    reportCheckpoint(host, folder),
  );
  stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : `${describeCheckpoint(report).join('\n')}\n`);
}
