import type { RandomSource } from './random-source.ts';
import type { Segment } from './segment.ts';

/** One training example. */
export interface DatasetItem {
  /** A stable key, unique within the split. */
  readonly id: string;
  /** The example in its natural order, for a captioned picture: the text, then the image. */
  readonly segments: readonly Segment[];
}

/** A finite, indexable collection of examples. */
export interface DatasetSplit {
  readonly name: string;
  readonly length: number;
  /** The example at an index; `random` picks among equivalent forms (caption templates), the same state gives the same form. */
  item(index: number, random: RandomSource): DatasetItem;
}

/** A data set, prepared and ready: `train`, and any number of held-out splits. */
export interface Dataset {
  readonly name: string;
  readonly train: DatasetSplit;
  readonly heldOut: readonly DatasetSplit[];
  /** Every text the tokenizer should be able to write, for training one. */
  texts(): Iterable<string>;
}

/** Reports a long piece of work: how much is done of how much, of what. */
export interface Progress {
  (report: { readonly task: string; readonly done: number; readonly total: number }): void;
}

/** Prepares a data set (reads packages, renders, fills a cache) from its configuration. */
export interface DatasetFactory {
  readonly name: string;
  /**
   * Prepares the data, or takes up what an earlier call left in the cache folder. Throws `dataset.unavailable` where it
   * cannot, `dataset.aborted` when the signal says so.
   */
  prepare(
    config: Readonly<Record<string, unknown>>,
    context: { readonly cacheFolder: string; readonly signal?: AbortSignal; readonly progress?: Progress },
  ): Promise<Dataset>;
}
