// Examples of a data set with their captions, for a model to be compared with: values as the data set has them, and the
// texts that stand beside them.
import { createRandom } from '@transfuse/core';
import type { DatasetItem, DatasetSplit } from '@transfuse/core/contracts';
import { mediumOfModality } from '../media/media.ts';
import type { ReportValue } from '../report/index.ts';

/** A value of a data set with its caption. */
export interface KnownValue {
  /** The item's id. */
  readonly id: string;
  readonly split: string;
  /** The item's texts, joined by a space; may be empty. */
  readonly caption: string;
  readonly value: ReportValue;
}

/** Values of a modality, spread evenly over a split; at most `count`, files read. What cannot be shown is left out. */
export async function knownValues(
  split: DatasetSplit,
  { modality, count }: { readonly modality: string; readonly count: number },
): Promise<readonly KnownValue[]> {
  const known: KnownValue[] = [];
  for (const item of evenItems(split, modality, count)) {
    const segment = item.segments.find((one) => one.modality === modality);
    const value = await shownValueOf(modality, segment?.value);
    if (value !== undefined) known.push({ id: item.id, split: split.name, caption: captionOf(item), value });
  }
  return known;
}

/** Captions of values of a modality, spread evenly over a split; at most `count`, each once. */
export function knownCaptions(
  split: DatasetSplit,
  { modality, count }: { readonly modality: string; readonly count: number },
): readonly string[] {
  return [...new Set(evenItems(split, modality, count).map(captionOf))].filter((caption) => caption !== '');
}

/** Items that have the modality. One look in each of `count` equal stretches, a few items long. */
function evenItems(split: DatasetSplit, modality: string, count: number): readonly DatasetItem[] {
  const random = createRandom('examples');
  const stretches = Math.min(count, split.length);
  const found: DatasetItem[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * split.length) / stretches);
    const to = Math.min(from + 16, Math.floor(((stretch + 1) * split.length) / stretches));
    for (let index = from; index < to; index++) {
      const item = split.item(index, random);
      if (!item.segments.some((segment) => segment.modality === modality)) continue;
      found.push(item);
      break;
    }
  }
  return found;
}

function captionOf({ segments }: DatasetItem): string {
  const texts = segments.flatMap(({ modality, value }) =>
    modality === 'text' && typeof value === 'string' ? [value] : [],
  );
  return texts.join(' ').trim();
}

/** A value itself, or what the file holds that it names; undefined for what a report cannot show. */
async function shownValueOf(modality: string, value: unknown): Promise<ReportValue | undefined> {
  const medium = mediumOfModality(modality);
  if (medium === undefined) return undefined;
  const read = typeof value === 'string' || value instanceof Uint8Array ? await medium.read(value) : value;
  return medium.isValue(read) ? (read as ReportValue) : undefined;
}
