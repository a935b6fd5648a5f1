/*
 * Finds the recordings where the user has them: a folder (the data set's own, or one above it), or the archive as it is
 * downloaded, packed or not. Other files are passed over.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type RawAudio, TransfuseError } from '@transfuse/core/contracts';
import { decodeRecording, type RecordingName, recordingNameOf } from './recording-file.ts';
import { tarFiles } from '../tar-archive.ts';

/** One recording. */
export interface Recording extends RecordingName {
  readonly sound: RawAudio;
}

/** How to follow and to stop the reading. */
export interface ReadingOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told after every file: how many of how many. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

interface NamedFile {
  readonly path: string;
  readonly name: RecordingName;
  content(): Uint8Array | Promise<Uint8Array>;
}

/**
 * Every recording of a folder or an archive, by digit, speaker and index.
 *
 * @throws `dataset.unavailable` where there is none or one is damaged, `dataset.aborted`
 */
export async function readRecordings(
  source: string,
  { signal, progress }: ReadingOptions,
): Promise<readonly Recording[]> {
  const files = await filesOf(source);
  if (files.length === 0)
    throw unavailable(
      source,
      'no recording',
      'Give the folder that holds 0_george_0.wav and the others, or the archive.',
    );
  const recordings: Recording[] = [];
  for (const { path, name, content } of files) {
    if (signal?.aborted === true) throw aborted(signal);
    try {
      recordings.push({ ...name, sound: decodeRecording(await content()) });
    } catch (cause) {
      throw unavailable(path, (cause as Error).message, 'Take another copy of this file.', cause);
    }
    progress?.(recordings.length, files.length);
  }
  return recordings.toSorted((a, b) => a.digit - b.digit || compare(a.speaker, b.speaker) || a.index - b.index);
}

async function filesOf(source: string): Promise<readonly NamedFile[]> {
  try {
    return (await stat(source)).isDirectory() ? await folderFiles(source) : await archiveFiles(source);
  } catch (cause) {
    throw unavailable(
      source,
      (cause as Error).message,
      'Point `source` at free-spoken-digit-dataset.tar.gz (github.com/Jakobovski/free-spoken-digit-dataset), or at its folder of recordings.',
      cause,
    );
  }
}

async function folderFiles(folder: string): Promise<readonly NamedFile[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.flatMap((entry) => named(join(folder, entry), () => readFile(join(folder, entry))));
}

async function archiveFiles(path: string): Promise<readonly NamedFile[]> {
  const bytes = await readFile(path);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const archive = isPacked ? await promisify(gunzip)(bytes) : bytes;
  return [...tarFiles(archive)].flatMap(({ name, content }) => named(name, () => content));
}

function named(path: string, content: NamedFile['content']): readonly NamedFile[] {
  const name = recordingNameOf(path);
  return name === undefined ? [] : [{ path, name, content }];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function unavailable(place: string, found: string, mend: string, cause?: unknown): TransfuseError {
  const expected = 'recordings of the free spoken digit data set, WAV files of 16 bits and one channel';
  return new TransfuseError({ code: 'dataset.unavailable', place, found, expected, mend, cause });
}

/** What is thrown where the signal says stop. */
function aborted(signal: AbortSignal): TransfuseError {
  return new TransfuseError({
    code: 'dataset.aborted',
    place: 'data set spoken-digits',
    found: 'an aborted signal',
    expected: 'time to read the recordings',
    mend: 'Prepare the data set again.',
    cause: signal.reason,
  });
}
