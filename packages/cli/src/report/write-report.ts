// Puts a training report on disk: rendered whole, written to a temporary name beside its place, then renamed, so that
// a reader never sees half a page and an earlier report survives a failure.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TransfuseError } from '@transfuse/core/contracts';
import { renderReport } from './render-report.ts';
import type { TrainingReport } from './training-report.ts';

/**
 * Writes a training report as one self-contained HTML file, and its folder if need be. An existing file is replaced.
 *
 * @param file where to, for example `runs/emoji/report.html`
 * @throws TransfuseError `image.undecodable`, `audio.undecodable` or `video.undecodable` if a value's fields do not agree,
 * `config.invalid` if the file cannot be written.
 */
export async function writeReport(report: TrainingReport, file: string): Promise<void> {
  const page = await renderReport(report);
  const draft = `${file}.${process.pid}.partial`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(draft, page);
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new TransfuseError({
      code: 'config.invalid',
      place: `report file ${file}`,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: 'a file that can be written',
      mend: 'Choose a path in a folder you may write to.',
      cause,
    });
  }
}
