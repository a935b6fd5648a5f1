// The texts that samples are made of during training: those of the command line or, without any, a few captions of the
// training data. The data set is prepared for that once more, from what the cache has of it, and let go again.
import type { Host, Progress, ResolvedConfig } from '@transfuse/core';
import { knownCaptions } from './known-values.ts';

const captionCount = 4;

/** Where the texts come from. */
export interface SampleTextOptions {
  /** Texts of the command line, for every modality. */
  readonly given?: readonly string[] | undefined;
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
  readonly onPrepare: Progress;
}

/** The texts for a modality. Throws what preparing the data set throws; without samples nothing is prepared. */
export async function sampleTexts(
  host: Host,
  { data, modalities, train }: ResolvedConfig,
  { given, cacheFolder, signal, onPrepare }: SampleTextOptions,
): Promise<(modality: string) => readonly string[]> {
  if (given !== undefined || train.sampleEvery === 0) return () => given ?? [];
  const { name, ...settings } = data;
  const context = { signal, progress: onPrepare };
  const factory = await host.create('dataset', name, settings, { ...context, place: 'data' });
  const { train: split } = await factory.prepare({}, { cacheFolder, ...context });
  const captions = Object.fromEntries(
    Object.keys(modalities).map((modality) => [modality, knownCaptions(split, { modality, count: captionCount })]),
  );
  return (modality) => captions[modality] ?? [];
}
