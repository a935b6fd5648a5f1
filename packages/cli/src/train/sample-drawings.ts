// Pictures drawn during training, so that one can watch a model learn: every `train.sampleEvery` steps, each text of
// `--sample` is drawn, or one picture without a text, always from the same noise.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SampledModel } from '@transfuse/core';
import { savePicture } from '../generate/picture.ts';

/** Draws the texts and saves `step-000500-1.png` and so on; a model without pictures draws nothing. */
export async function drawSamples(
  sampled: SampledModel,
  { step, texts, folder }: { readonly step: number; readonly texts: readonly string[]; readonly folder: string },
): Promise<void> {
  if (!('image' in sampled.model.continuous)) return;
  await mkdir(folder, { recursive: true });
  const prompts = texts.length === 0 ? [[]] : texts.map((text) => [text]);
  for (const [index, prompt] of prompts.entries()) {
    for await (const event of sampled.generate([...prompt, { want: 'image' }], { seed: 0 })) {
      if (event.type !== 'segment') continue;
      await savePicture(event.value, join(folder, `step-${String(step).padStart(6, '0')}-${index + 1}.png`));
    }
  }
}
