// Values that no kind of file is made for, such as points in space: the modalities of other people's adapters. They are
// saved as JSON, one value per file, and read back from it.
import { readFile, writeFile } from 'node:fs/promises';
import { TransfuseError } from '@transfuse/core/contracts';
import { jsonOfValue, valueOfJson } from './json-value.ts';
import type { Medium } from './medium.ts';

/** Values of a modality, saved as JSON. `isValue` says whether JSON can hold a value, whatever its fields are. */
export function dataFile(modality: string): Medium {
  return {
    modality,
    noun: { one: `value of ${modality}`, many: `values of ${modality}` },
    extensions: ['.json'],
    extension: '.json',
    isValue: (value): value is unknown => jsonOfValue(value) !== undefined,
    read: (source) => readData(source, modality),
    save: (value, file) => saveData(value, file),
  };
}

async function readData(source: string | Uint8Array, modality: string): Promise<unknown> {
  try {
    return valueOfJson(new TextDecoder().decode(typeof source === 'string' ? await readFile(source) : source));
  } catch (cause) {
    throw new TransfuseError({
      code: 'generation.invalid-option',
      place: typeof source === 'string' ? source : `a value of ${modality}`,
      found: messageOf(cause),
      expected: `a value of the modality ${modality} as JSON`,
      mend: 'Compare it with a file that generate has saved; a typed array is { "type": "Float32Array", "values": [0.5] }.',
      cause,
    });
  }
}

async function saveData(value: unknown, file: string): Promise<void> {
  const json = jsonOfValue(value);
  try {
    if (json === undefined) throw new Error('a value that JSON cannot hold');
    await writeFile(file, `${json}\n`);
  } catch (cause) {
    throw new TransfuseError({
      code: 'file.unwritable',
      place: file,
      found: messageOf(cause),
      expected: 'numbers, texts, typed arrays, lists and objects, and a place where files can be written',
      mend: 'Choose another folder, or make values of such fields.',
      cause,
    });
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
