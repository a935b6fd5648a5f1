/**
 * What the finished demo model can do: draws captions it saw and captions it never saw, describes pictures, and
 * measures both against the data set's own pictures.
 */
import type { DatasetItem, DatasetSplit, LoadedModel, RawImage } from '@transfuse/core';
import { createRandom } from '@transfuse/core';
import { canonicalCaption, parseEmojiId } from '@transfuse/plugins/data/emoji';
import type { ReportCaption, ReportScore } from '../report/index.ts';

/** A picture of the data set with its canonical caption. */
export interface KnownPicture {
  readonly id: string;
  readonly split: string;
  readonly style: string;
  readonly caption: string;
  readonly image: RawImage;
}

/** Every picture of a split. */
export function knownPictures(split: DatasetSplit): KnownPicture[] {
  const random = createRandom('demo');
  return Array.from({ length: split.length }, (_, index) => {
    const item: DatasetItem = split.item(index, random);
    const reference = parseEmojiId(item.id)!;
    const image = item.segments.find(({ modality }) => modality === 'image')!.value as RawImage;
    return { id: item.id, split: split.name, style: reference.style, caption: canonicalCaption(reference), image };
  });
}

/** Draws one picture for a caption. */
export async function draw(
  model: Pick<LoadedModel, 'generate'>,
  caption: string,
  options: { readonly seed: number; readonly steps?: number; readonly signal?: AbortSignal },
): Promise<RawImage> {
  for await (const event of model.generate([caption, { want: 'image' }], options)) {
    if (event.type === 'segment' && event.modality === 'image') return event.value as RawImage;
  }
  throw new Error(`no picture came for "${caption}"`);
}

/** Whether a drawing's nearest picture of the same style, by mean squared error, is the one its caption names. */
function findsItself(drawing: RawImage, target: KnownPicture, all: readonly KnownPicture[]): boolean {
  const sameStyle = all.filter(({ style }) => style === target.style);
  const distance = ({ image }: KnownPicture) =>
    image.data.reduce((sum, value, index) => sum + (value - drawing.data[index]!) ** 2, 0);
  return sameStyle.toSorted((a, b) => distance(a) - distance(b))[0]!.id === target.id;
}

/** Scores of drawings: how many find themselves among all real pictures of their style. */
export function retrievalScore(
  label: string,
  drawings: readonly { readonly caption: string; readonly generated: readonly RawImage[] }[],
  all: readonly KnownPicture[],
): ReportScore {
  const judged = drawings.flatMap(({ caption, generated }) => {
    const target = all.find((picture) => picture.caption === caption);
    return target === undefined ? [] : generated.map((drawing) => findsItself(drawing, target, all));
  });
  return {
    label,
    value: `${judged.filter(Boolean).length} of ${judged.length}`,
    note: 'drawings whose nearest real picture of the same style (of all, held-out ones included) is the right one; more is better',
  };
}

/** Describes pictures and compares with their canonical captions. */
export async function describe(
  model: Pick<LoadedModel, 'caption'>,
  pictures: readonly KnownPicture[],
  options: { readonly signal?: AbortSignal } = {},
): Promise<ReportCaption[]> {
  const captions: ReportCaption[] = [];
  for (const { id, split, image, caption } of pictures) {
    const written = await model.caption(image, { maximumTokens: 32, ...options });
    captions.push({ split, id, value: image, expected: caption, written, correct: written === caption });
  }
  return captions;
}

/** Scores of captions per split. */
export function captionScores(captions: readonly ReportCaption[]): ReportScore[] {
  return [...new Set(captions.map(({ split }) => split))].map((split) => {
    const own = captions.filter((caption) => caption.split === split);
    return {
      label: `captions, ${split}`,
      value: `${own.filter(({ correct }) => correct).length} of ${own.length}`,
      note: 'pictures described with exactly the right name and style; more is better',
    };
  });
}
