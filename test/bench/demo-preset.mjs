// The training step of the demo's preset: a narrower model than the benchmarks', with captions and small pictures.
import { createRandom } from '@transfuse/core';
import { defineModel } from '@transfuse/core/model';
import { linearPatchImage } from '@transfuse/adapters/image';
import { transformer, words } from './decoder.mjs';

/** The demo's batch: 24 documents of 32 positions. */
export const demoBatch = { rows: 6, rowLength: 128 };

export const demoModel = () =>
  defineModel({ ...transformer(256), width: 192, feedForwardWidth: 512 }, [
    { ...words, vocabularySize: 448 },
    linearPatchImage({ size: 32, patchSize: 8 }),
  ]);

/** The demo's documents: a caption of 12 tokens and a picture of 16. */
export function demoData() {
  const random = createRandom('bench');
  const items = Array.from({ length: 48 }, (_, index) => ({
    id: String(index),
    segments: [
      { modality: 'text', value: Array.from({ length: 12 }, () => random.integer(400)) },
      {
        modality: 'image',
        value: { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, () => random.integer(256)) },
      },
    ],
  }));
  return { name: 'train', length: items.length, item: (index) => items[index] };
}
