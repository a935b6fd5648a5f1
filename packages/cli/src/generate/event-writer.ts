// Writes what a model generates: for people the text as it comes and where pictures, sounds, clips and other values were
// saved, for scripts one JSON object per event and line.
import type { EndReason, GenerationEvent } from '@transfuse/core';
import { createNumberedSaver } from '../media/numbered-files.ts';
import type { Surroundings } from '../surroundings.ts';

/** Takes the events of a generation in order. */
export interface EventWriter {
  take(event: GenerationEvent): Promise<void>;
}

/** Where events go. */
export interface EventWriterOptions extends Pick<Surroundings, 'stdout' | 'stderr'> {
  /** The folder files are saved in; it exists. */
  readonly folder: string;
}

/** A writer for people. */
export function createTextWriter({ stdout, stderr, folder }: EventWriterOptions): EventWriter {
  const save = createNumberedSaver(folder);
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
        const file = await save(event);
        endLine();
        if (file !== undefined) stdout.write(`Saved ${file}\n`);
        else stderr.write(`A value of modality ${event.modality} was made and not saved: it holds what JSON cannot.\n`);
      } else if (event.type === 'end') {
        endLine();
        const note = notes[event.reason];
        if (note !== undefined) stderr.write(`${note}\n`);
      }
    },
  };
}

/** A writer for scripts: text segments carry their `value`, others the `file` they were saved as, if any. */
export function createJsonWriter({ stdout, folder }: Omit<EventWriterOptions, 'stderr'>): EventWriter {
  const save = createNumberedSaver(folder);
  return {
    async take(event) {
      let shown: object = event;
      if (event.type === 'step') {
        const { preview: _, state: __, ...rest } = event;
        shown = rest;
      } else if (event.type === 'segment' && typeof event.value !== 'string') {
        const { value: _, ...rest } = event;
        const file = await save(event);
        shown = file === undefined ? rest : { ...rest, file };
      }
      stdout.write(`${JSON.stringify(shown)}\n`);
    },
  };
}

const notes: Readonly<Partial<Record<EndReason, string>>> = {
  'maximum-tokens': 'Ended at the most tokens allowed; --max-tokens allows more.',
  'maximum-blocks': 'Ended at the most blocks (pictures, sounds, clips) allowed in one generation.',
  'sequence-length': 'Ended where the sequence is as long as the model can read.',
};
