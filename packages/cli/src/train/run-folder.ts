// The folder of a training run, looked at before anything slow begins: a run is not started over an earlier one by
// accident, and a run that is to be resumed is there.
import { readFolderWhole } from '@transfuse/core/training';
import { TransfuseError } from '@transfuse/core/contracts';
import { join } from 'node:path';

/**
 * Checks that a run can begin, or go on, in a folder.
 *
 * @throws TransfuseError `file.unwritable` where a fresh run would overwrite a checkpoint, `checkpoint.not-found` where
 *   there is none to resume from
 */
export async function checkRunFolder(folder: string, { resume }: { readonly resume: boolean }): Promise<void> {
  const checkpoint = join(folder, 'checkpoint');
  const files = await readFolderWhole(checkpoint, { names: ['trainer_state.json'] });
  if (resume && files?.['trainer_state.json'] === undefined) {
    throw new TransfuseError({
      code: 'checkpoint.not-found',
      place: checkpoint,
      found: files === undefined ? 'no such folder' : 'a checkpoint for generation only',
      expected: 'the checkpoint of an earlier run',
      mend: 'Name the folder of that run with --out, or leave --resume out to start anew.',
    });
  }
  if (resume || files === undefined) return;
  throw new TransfuseError({
    code: 'file.unwritable',
    place: folder,
    found: 'the checkpoint of an earlier run',
    expected: 'a folder without one',
    mend: 'Add --resume to continue that run, choose another folder with --out, or delete this one.',
  });
}
