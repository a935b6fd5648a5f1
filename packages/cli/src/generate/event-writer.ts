// Writes what a model generates: for people the text as it comes and where pictures were saved, for scripts one JSON
// object per event and line.
import { join } from 'node:path';
import type { EndReason, GenerationEvent } from '@transfuse/core';
import type { Surroundings } from '../surroundings.ts';
import { isPicture, savePicture } from './picture.ts';

/** Takes the events of a generation in order. */
export interface EventWriter {
  take(event: GenerationEvent): Promise<void>;
}

/** Where events go. */
export interface EventWriterOptions extends Pick<Surroundings, 'stdout' | 'stderr'> {
  /** The folder pictures are saved in; it exists. */
  readonly folder: string;
}

/** A writer for people. */
export function createTextWriter({ stdout, stderr, folder }: EventWriterOptions): EventWriter {
  const save = createPictureSaver(folder);
  let midLine = false;
  const endLine = () => {
    if (midLine) stdout.write('\n');
    midLine = false;
  };
  return {
    async take(event) {
      if (event.type === 'text') {
        stdout.write(event.delta);
        midLine = !event.delta.endsWith('\n');
      } else if (event.type === 'segment' && typeof event.value !== 'string') {
        const file = await save(event.value);
        endLine();
        if (file === undefined)
          stderr.write(`A segment of modality ${event.modality} was made; only pictures are saved.\n`);
        else stdout.write(`Saved ${file}\n`);
      } else if (event.type === 'end') {
        endLine();
        const note = notes[event.reason];
        if (note !== undefined) stderr.write(`${note}\n`);
      }
    },
  };
}

/** A writer for scripts: text segments carry their `value`, pictures the `file` they were saved as. */
export function createJsonWriter({ stdout, folder }: Omit<EventWriterOptions, 'stderr'>): EventWriter {
  const save = createPictureSaver(folder);
  return {
    async take(event) {
      let shown: object = event;
      if (event.type === 'step') {
        const { preview: _, state: __, ...rest } = event;
        shown = rest;
      } else if (event.type === 'segment' && typeof event.value !== 'string') {
        const { value, ...rest } = event;
        const file = await save(value);
        shown = file === undefined ? rest : { ...rest, file };
      }
      stdout.write(`${JSON.stringify(shown)}\n`);
    },
  };
}

const notes: Readonly<Partial<Record<EndReason, string>>> = {
  'maximum-tokens': 'Ended at the most tokens allowed; --max-tokens allows more.',
  'maximum-blocks': 'Ended at the most pictures allowed in one generation.',
  'sequence-length': 'Ended where the sequence is as long as the model can read.',
};

/** Saves pictures under numbered names; tells where, or undefined for what is no picture. */
function createPictureSaver(folder: string): (value: unknown) => Promise<string | undefined> {
  let count = 0;
  return async (value) => {
    if (!isPicture(value)) return undefined;
    const file = join(folder, `image-${++count}.png`);
    await savePicture(value, file);
    return file;
  };
}
