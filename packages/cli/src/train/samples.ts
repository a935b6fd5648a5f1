// What a model makes during training, so that one can watch it learn: every `train.sampleEvery` steps, for each of its
// continuous modalities, the same texts always from the same noise.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PromptItem, SampledModel } from '@transfuse/core';
import { mediumOfSegment, mediumOfValue } from '../media/media.ts';
import { fileWord } from '../media/numbered-files.ts';
import type { ReportSample, ReportValue } from '../report/index.ts';

/** The seed of every sample, during training and after it. */
export const sampleSeed = 0;

/** What is made, and where it is saved. */
export interface SampleRequest {
  readonly step: number;
  /** Texts for a modality; none is one value without a text. */
  readonly textsOf: (modality: string) => readonly string[];
  readonly folder: string;
}

/**
 * Makes a value for every text of every continuous modality and saves it as `step-000500-1.png`, `step-000500-1.wav`
 * and so on, values of which there are no pictures, sounds or clips as `step-000500-points-1.json`; these are not among
 * the samples that are returned.
 */
export async function makeSamples(sampled: SampledModel, request: SampleRequest): Promise<readonly ReportSample[]> {
  const { step, textsOf, folder } = request;
  const samples: ReportSample[] = [];
  await mkdir(folder, { recursive: true });
  for (const modality of Object.keys(sampled.model.continuous)) {
    const texts = textsOf(modality);
    for (const [index, caption] of (texts.length === 0 ? [''] : texts).entries()) {
      const value = await makeValue(sampled, { caption, modality });
      const medium = mediumOfSegment({ modality, value });
      if (medium === undefined) continue;
      const isShown = mediumOfValue(value) !== undefined;
      const kind = isShown ? '' : `${fileWord(modality)}-`;
      const name = `step-${String(step).padStart(6, '0')}-${kind}${index + 1}${medium.extension}`;
      await medium.save(value, join(folder, name));
      if (isShown) samples.push({ caption, value: value as ReportValue });
    }
  }
  return samples;
}

/** Makes one value of a modality for a caption, or without one where it is empty. */
export async function makeValue(
  model: Pick<SampledModel, 'generate'>,
  options: { readonly caption: string; readonly modality: string; readonly signal?: AbortSignal },
): Promise<unknown> {
  const { caption, modality, signal } = options;
  const prompt: PromptItem[] = [...(caption === '' ? [] : [caption]), { want: modality }];
  let value: unknown;
  for await (const event of model.generate(prompt, { seed: sampleSeed, ...(signal && { signal }) })) {
    if (event.type === 'segment' && event.modality === modality) value = event.value;
  }
  return value;
}
