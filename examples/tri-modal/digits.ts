/**
 * Digits written, drawn and said: the word, an emoji keycap, a recording. A document has two or all three of them, in any
 * order, so that one model learns every direction: to draw what it reads, to say what it sees, to write what it hears.
 * Made of two data sets that Transfuse brings, through public entry points only.
 */
import { contribution, createRandom, definePlugin } from '@transfuse/core';
import type { Dataset, DatasetItem, DatasetSplit, RandomSource, Segment } from '@transfuse/core/contracts';
import { createEmojiFactory, parseEmojiId } from '@transfuse/plugins/data/emoji';
import { createSpokenDigitsFactory, digitWords } from '@transfuse/plugins/data/spoken-digits';
import { Type } from 'typebox';

/** A picture or a sound of a digit. */
export interface Example {
  readonly id: string;
  readonly digit: number;
  readonly value: unknown;
}

/** Everything there is of the digits. */
export interface Digits {
  readonly pictures: readonly Example[];
  /** Recordings to learn from. */
  readonly sounds: readonly Example[];
  /** Recordings that training never hears. */
  readonly unheard: readonly Example[];
}

/** What is made of a first segment should find it clear: most of them are shown with little noise. */
const clearTime = 0.2;

/** Prepares the pictures and the recordings. */
export async function prepareDigits(
  { source, size }: { readonly source: string; readonly size: number },
  context: { readonly cacheFolder: string },
): Promise<Digits> {
  const emoji = await createEmojiFactory().prepare({ size, subset: 'compositional' }, context);
  const spoken = await createSpokenDigitsFactory().prepare({ source }, context);
  const pictures = [emoji.train, ...emoji.heldOut].flatMap((split) =>
    itemsOf(split).flatMap(({ id, segments }) => {
      const digit = Number(/^keycap (\d)$/.exec(parseEmojiId(id)?.label ?? '')?.[1] ?? Number.NaN);
      return Number.isNaN(digit) ? [] : [{ id, digit, value: valueOf(segments, 'image') }];
    }),
  );
  const soundsOf = (split: DatasetSplit): Example[] =>
    itemsOf(split).map(({ id, segments }) => ({ id, digit: Number(id[0]), value: valueOf(segments, 'audio') }));
  return { pictures, sounds: soundsOf(spoken.train), unheard: spoken.heldOut.flatMap(soundsOf) };
}

function createDataset({ pictures, sounds, unheard }: Digits): Dataset {
  const split = (name: string, heard: readonly Example[], arrange: typeof anyOrder): DatasetSplit => ({
    name,
    length: heard.length,
    item(index, random): DatasetItem {
      const sound = heard[index]!;
      const alike = pictures.filter(({ digit }) => digit === sound.digit);
      const picture = alike[random.integer(alike.length)]!;
      return { id: `${sound.id} and ${picture.id}`, segments: arrange(sound, picture, random) };
    },
  });
  return {
    name: 'digits',
    train: split('train', sounds, anyOrder),
    heldOut: [split('unheard', unheard, textFirst)],
    texts: () => digitWords,
  };
}

/** Two or three of word, picture and sound, in any order; what a word does not help with is the hardest and comes most. */
function anyOrder(sound: Example, picture: Example, random: RandomSource): Segment[] {
  const [word, seen, heard] = textFirst(sound, picture) as [Segment, Segment, Segment];
  const kind = random.uniform();
  const together = kind < 0.5 ? [seen, heard] : kind < 0.65 ? [word, seen] : kind < 0.85 ? [word, heard] : undefined;
  const [first, ...others] = shuffled(together ?? [word, seen, heard], random) as [Segment, ...Segment[]];
  const isClear = first.modality !== 'text' && random.uniform() < 0.75;
  return [isClear ? { ...first, maximumTime: clearTime } : first, ...others];
}

function textFirst(sound: Example, picture: Example): Segment[] {
  return [
    { modality: 'text', value: digitWords[sound.digit] },
    { modality: 'image', value: picture.value },
    { modality: 'audio', value: sound.value },
  ];
}

function shuffled<Item>(items: readonly Item[], random: RandomSource): Item[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.integer(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}

/** Every item of a split. */
function itemsOf(split: DatasetSplit): DatasetItem[] {
  const random = createRandom('digits');
  return Array.from({ length: split.length }, (_, index) => split.item(index, random));
}

function valueOf(segments: readonly Segment[], modality: string): unknown {
  return segments.find((segment) => segment.modality === modality)!.value;
}

export default definePlugin({
  manifest: { name: 'example-digits', version: '1.0.0', api: '^1.0.0', provides: ['dataset:digits'] },
  contributions: [
    contribution('dataset', {
      name: 'digits',
      description: 'Digits as words, emoji keycaps and recordings, in any order.',
      configSchema: Type.Object(
        {
          source: Type.String({ minLength: 1, description: 'The free spoken digit data set: its folder or archive.' }),
          size: Type.Integer({ minimum: 8, maximum: 256, default: 32, description: 'Side of the pictures in pixels.' }),
        },
        { additionalProperties: false },
      ),
      create: (settings) => ({
        name: 'digits',
        prepare: async (_, context) => createDataset(await prepareDigits(settings, context)),
      }),
    }),
  ],
});
