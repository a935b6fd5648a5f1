// Runs `transfuse export`: loads the checkpoint, has its functions written as ONNX, and leaves a folder of files.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedModel } from '@transfuse/core';
import { TransfuseError } from '@transfuse/core/contracts';
import { writeFolderAtomically } from '@transfuse/core/training';
import type { ExportCommandOptions } from '../commands/export.ts';
import { withCheckpointHost } from '../host/open-host.ts';
import { createStreamLogger } from '../host/stream-logger.ts';
import type { Surroundings } from '../surroundings.ts';
import { formatBytes } from '../text/byte-size.ts';

const description = 'transfuse-export.json';

/** Exports a checkpoint; the files appear all together or not at all. */
export async function runExport(
  checkpoint: string,
  options: ExportCommandOptions,
  { stdout, stderr }: Surroundings,
): Promise<void> {
  const { out, json, config, capacity, prefix, branches, weights, portable, debug } = options;
  await checkReplaceable(out);
  const logger = createStreamLogger(stderr, { from: debug ? 'debug' : 'warn' });
  // Nothing is computed, so the engine that is always there will do.
  const request = { folder: checkpoint, config, engine: { name: 'eager', backend: 'cpu' }, logger } as const;
  await withCheckpointHost(request, async (host) => {
    const model: LoadedModel = await host.load(checkpoint);
    const { files } = await model.export({
      ...(capacity !== undefined && { capacity }),
      ...(prefix !== undefined && { prefix }),
      ...(branches !== undefined && { branches }),
      ...(weights !== undefined && { weights }),
      ...(portable && { operators: 'portable' }),
    });
    await writeFolderAtomically(out, files);
    const written = Object.entries(files).map(([name, { length }]) => ({ file: join(out, name), bytes: length }));
    if (json) stdout.write(`${JSON.stringify(written)}\n`);
    else for (const { file, bytes } of written) stdout.write(`${file}  ${formatBytes(bytes)}\n`);
  });
}

/** The folder is written anew, so nothing may be in it that is not an earlier export. */
async function checkReplaceable(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw unusable(folder, error.message, error);
  });
  if (found.length === 0 || found.includes(description)) return;
  throw unusable(folder, `${found.length} files, none of them ${description}`);
}

function unusable(folder: string, found: string, cause?: unknown): TransfuseError {
  return new TransfuseError({
    code: 'file.unwritable',
    place: folder,
    found,
    expected: 'a new folder, an empty one or an earlier export',
    mend: 'Choose another folder with --out.',
    cause,
  });
}
