/** A data set split of made-up pairs: a caption of letters, and a signal that the caption decides. */
import type { DatasetItem, DatasetSplit } from '@transfuse/core/contracts';
import { tinySample } from './tiny-signal.ts';

/** `length` items, each a caption and a signal; items with an index in `textOnly` have no signal. */
export function tinySplit(length: number, { textOnly = [] as readonly number[] } = {}): DatasetSplit {
  const items = Array.from({ length }, (_, index): DatasetItem => {
    const caption = { modality: 'text', value: 'abcdef'.slice(index % 3, 3 + (index % 4)) };
    const signal = { modality: 'signal', value: tinySample(100 + index) };
    return { id: `item ${index}`, segments: textOnly.includes(index) ? [caption] : [caption, signal] };
  });
  return { name: 'train', length, item: (index) => items[index]! };
}
